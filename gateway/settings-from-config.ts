import type { GatewayConfig } from '#kernel/config.ts'
import { type GatewaySettings, gatewaySettings } from './settings.ts'

/** The settings that an operator chose, over the defaults. */
export function settingsFromConfig(config: GatewayConfig): GatewaySettings {
  return gatewaySettings({
    introspection: config.isIntrospectionOn,
    console: config.isConsoleOn,
    metrics: config.isMetricsOn,
    exposeQueryPlan: config.isQueryPlanOn,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    requestTimeoutMs: config.requestTimeoutMs,
    httpStatus: config.httpStatus,
    planning: {
      deadlineMs: config.planningMs,
      warmMs: config.warmMs,
      overrideLabels: config.overrideLabels,
    },
    mostOperations: config.maxOperations,
    executor: config.executor,
    access: {
      mode: config.accessMode,
      refusals: config.accessErrors,
      policyTimeoutMs: config.policyTimeoutMs,
      introspectionByRights: config.isIntrospectionByRights,
    },
    sharing: config.isSharingOn,
    limits: {
      bodyBytes: config.maxBodyBytes,
      tokens: config.maxTokens,
      depth: config.maxDepth,
      aliases: config.maxAliases,
      directives: config.demand.maxDirectives,
    },
    compression: { isOn: config.isCompressionOn },
    demand: config.demand,
    documents: { safelist: config.safelist, apq: config.isApqOn },
    tracing: config.tracing,
    slow: { thresholdMs: config.slowOperationMs },
    subgraph: {
      timeoutMs: config.subgraphTimeoutMs,
      retryMs: config.retryMs,
      streams: config.subgraphStreams,
      callbackUrl: config.callbackUrl,
    },
    live: {
      connections: config.maxConnections,
      connectionsPerClient: config.maxClientConnections,
      subscriptionsPerConnection: config.maxSubscriptions,
      subscriptionsPerUser: config.maxUserSubscriptions,
      subscriptionsPerTenant: config.maxTenantSubscriptions,
      noticeMs: config.noticeMs,
      drainMs: config.drainMs,
    },
  })
}

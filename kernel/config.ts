import { join } from 'node:path'
import { SUBGRAPH_NAMES, type SubgraphName } from './auth/service-names.ts'
import { collectSettings, type Environment } from './config/collect-settings.ts'
import { type DemandConfig, toDemandConfig } from './config/demand-settings.ts'
import { type OddsFeedConfig, toOddsFeed } from './config/odds-feed.ts'
import type { Network } from './config/parsers.ts'
import { type ProcessRole, reportMissingSettings } from './config/required-settings.ts'
import { type SettingValues, suffixOf } from './config/settings.ts'
import type { SubgraphStream } from './config/subgraph-stream-settings.ts'
import type { OperatorKeySource } from './crypto/operator-key-file.ts'
import { DomainError, kernelError } from './errors.ts'

export type { OddsFeedConfig }

/** How the platform runs. */
export type Mode = SettingValues['DBSBM_MODE']

export type GatewayConfig = {
  /** File of a supergraph to serve without the platform, or null. */
  supergraphFile: string | null
  /** File of the platform's supergraph, or null for the one that belongs to this code. */
  schemaFile: string | null
  /** File of the documents that clients may name, or null for the one of the platform. */
  documentsFile: string | null
  safelist: NonNullable<SettingValues['GATEWAY_SAFELIST']>
  isApqOn: boolean
  isCompressionOn: boolean
  isConsoleOn: boolean
  isIntrospectionOn: boolean
  isQueryPlanOn: boolean
  isMetricsOn: boolean
  corsOrigins: readonly string[]
  /** Whose word on a client's address is taken. */
  trustedProxies: readonly Network[]
  httpStatus: NonNullable<SettingValues['GATEWAY_HTTP_STATUS']>
  maxBodyBytes: number
  /** In one request, as a list; 1: no lists. */
  maxOperations: number
  maxDepth: number
  maxAliases: number
  maxTokens: number
  /** Per process. */
  maxConnections: number
  demand: DemandConfig
  /** Per client address. */
  maxClientConnections: number
  /** Per WebSocket connection. */
  maxSubscriptions: number
  maxUserSubscriptions: number
  maxTenantSubscriptions: number
  requestTimeoutMs: number
  planningMs: number
  warmMs: number
  /** Of progressive overrides, those that are on. */
  overrideLabels: readonly string[]
  subgraphTimeoutMs: number
  /** How long a request whose subgraph is not there is tried again. */
  retryMs: number
  /** From which time on an operation is written down as slow; 0: never. */
  slowOperationMs: number
  tracing: {
    /** Null: no traces. */
    endpoint: string | null
    headers: Readonly<Record<string, string>>
    serviceName: string
    ratio: number
  }
  /** Who executes the plans of queries and mutations. */
  executor: 'engine' | 'apollo'
  /** What becomes of an operation that asks for more than its asker may have. */
  accessMode: 'filter' | 'reject' | 'dry-run'
  /** How an asker hears of what was refused. */
  accessErrors: 'errors' | 'extensions' | 'disabled'
  policyTimeoutMs: number
  isIntrospectionByRights: boolean
  /** Whether queries that may be told to several are asked once for all who ask them at once. */
  isSharingOn: boolean
  /** How subgraphs are subscribed at that speak no server-sent events. */
  subgraphStreams: Readonly<Record<string, SubgraphStream>>
  /** Where those reach this gateway that post their events, or null. */
  callbackUrl: string | null
  /** Processes that share the port. */
  workers: number
  /** From the word to stop until new requests are refused. */
  noticeMs: number
  drainMs: number
}

/** Bounds on a server's connections; SQLite has one. */
export type DatabaseConfig = { poolSize: number; timeoutMs: number }

/** Where Redis is, and what the names of its keys begin with. */
export type RedisConfig = { url: string; prefix: string }

export type FirstOperator = { email: string; password: string }

/** Everything that a process is told from outside. Holds secrets: never log it whole. */
export type Config = {
  mode: Mode
  role: ProcessRole
  dataDir: string
  host: string
  port: number
  logLevel: NonNullable<SettingValues['LOG_LEVEL']>
  /** URL per subgraph; null where this process needs none. */
  databaseUrls: Readonly<Record<SubgraphName, string | null>>
  /** Base URL per subgraph; null: within the process. */
  subgraphUrls: Readonly<Record<SubgraphName, string | null>>
  database: DatabaseConfig
  /** Null where this process needs none. */
  redis: RedisConfig | null
  /** Who is made operator of a platform that has none; null where nobody is. */
  firstOperator: FirstOperator | null
  /** Null where this process needs none. */
  operatorKey: OperatorKeySource | null
  /** Null in the embedded run, where it is derived from the operator's key. */
  serviceSecret: string | null
  gateway: GatewayConfig
  oddsFeed: OddsFeedConfig
}

/** All that is wrong with the configuration, one sentence each. */
export class ConfigurationError extends DomainError {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    const summary = kernelError.catalogue.KERNEL_CONFIGURATION_INVALID
    super('KERNEL_CONFIGURATION_INVALID', [summary, ...problems].join('\n- '), { problems })
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

const GATEWAY_PORT = 4000

/** Port where a process listens unless it is told another. */
export function defaultPort(role: ProcessRole): number {
  if (role === 'gateway' || role === 'subgraphs') return GATEWAY_PORT
  return GATEWAY_PORT + 1 + SUBGRAPH_NAMES.indexOf(role)
}

const perSubgraph = <T>(toValue: (name: SubgraphName) => T) =>
  Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, toValue(name)])) as Record<SubgraphName, T>

type Values = Partial<SettingValues>
type Sourced = { values: Values; role: ProcessRole; isEmbedded: boolean; dataDir: string }

// Fallbacks of the table are parsed like given text, so these are present whenever nothing was reported.
const present = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw kernelError('KERNEL_CONFIGURATION_INVALID')
  return value
}

const CLUSTER_NOTICE_SECONDS = 3
const CLUSTER_SLOW_MS = 1000

function toGatewayConfig({ values, isEmbedded }: Sourced): GatewayConfig {
  return {
    supergraphFile: values.GATEWAY_SUPERGRAPH ?? null,
    schemaFile: values.GATEWAY_SCHEMA_FILE ?? null,
    documentsFile: values.GATEWAY_DOCUMENTS_FILE ?? null,
    safelist: present(values.GATEWAY_SAFELIST),
    isApqOn: present(values.GATEWAY_APQ),
    isCompressionOn: present(values.GATEWAY_COMPRESSION),
    isConsoleOn: present(values.GATEWAY_CONSOLE),
    isIntrospectionOn: values.GATEWAY_INTROSPECTION ?? isEmbedded,
    isQueryPlanOn: values.GATEWAY_QUERY_PLAN ?? isEmbedded,
    isMetricsOn: values.GATEWAY_METRICS ?? isEmbedded,
    corsOrigins: values.GATEWAY_CORS_ORIGINS ?? [],
    trustedProxies: values.GATEWAY_TRUSTED_PROXIES ?? [],
    httpStatus: present(values.GATEWAY_HTTP_STATUS),
    maxBodyBytes: present(values.GATEWAY_MAX_BODY_BYTES),
    maxOperations: present(values.GATEWAY_MAX_OPERATIONS),
    maxDepth: present(values.GATEWAY_MAX_DEPTH),
    maxAliases: present(values.GATEWAY_MAX_ALIASES),
    maxTokens: present(values.GATEWAY_MAX_TOKENS),
    maxConnections: present(values.GATEWAY_MAX_CONNECTIONS),
    demand: toDemandConfig(values, present),
    maxClientConnections: present(values.GATEWAY_MAX_CLIENT_CONNECTIONS),
    maxSubscriptions: present(values.GATEWAY_MAX_SUBSCRIPTIONS),
    maxUserSubscriptions: present(values.GATEWAY_MAX_USER_SUBSCRIPTIONS),
    maxTenantSubscriptions: present(values.GATEWAY_MAX_TENANT_SUBSCRIPTIONS),
    requestTimeoutMs: present(values.GATEWAY_REQUEST_TIMEOUT_SECONDS) * 1000,
    planningMs: present(values.GATEWAY_PLANNING_SECONDS) * 1000,
    warmMs: present(values.GATEWAY_WARM_SECONDS) * 1000,
    overrideLabels: values.GATEWAY_OVERRIDE_LABELS ?? [],
    subgraphTimeoutMs: present(values.GATEWAY_SUBGRAPH_TIMEOUT_SECONDS) * 1000,
    retryMs: present(values.GATEWAY_RETRY_SECONDS) * 1000,
    slowOperationMs: values.GATEWAY_SLOW_OPERATION_MS ?? (isEmbedded ? 0 : CLUSTER_SLOW_MS),
    tracing: {
      endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
      headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
      serviceName: present(values.OTEL_SERVICE_NAME),
      ratio: present(values.OTEL_TRACES_SAMPLER_ARG),
    },
    executor: present(values.GATEWAY_EXECUTOR),
    accessMode: present(values.GATEWAY_ACCESS_MODE),
    accessErrors: present(values.GATEWAY_ACCESS_ERRORS),
    policyTimeoutMs: present(values.GATEWAY_POLICY_TIMEOUT_MS),
    isIntrospectionByRights: present(values.GATEWAY_INTROSPECTION_BY_RIGHTS),
    isSharingOn: values.GATEWAY_SHARING === 'on',
    subgraphStreams: values.GATEWAY_SUBGRAPH_STREAMS ?? {},
    callbackUrl: values.GATEWAY_CALLBACK_URL ?? null,
    workers: present(values.GATEWAY_WORKERS),
    noticeMs: (values.GATEWAY_NOTICE_SECONDS ?? (isEmbedded ? 0 : CLUSTER_NOTICE_SECONDS)) * 1000,
    drainMs: present(values.GATEWAY_DRAIN_SECONDS) * 1000,
  }
}

function toOperatorKey({ values, isEmbedded, dataDir }: Sourced): OperatorKeySource | null {
  if (values.OPERATOR_KEY) return { kind: 'text', text: values.OPERATOR_KEY }
  if (!isEmbedded) return null
  return { kind: 'file', path: join(dataDir, 'keys', 'operator.key'), mayCreate: true }
}

function toFirstOperator(values: Values): FirstOperator | null {
  const { FIRST_OPERATOR_EMAIL: email, FIRST_OPERATOR_PASSWORD: password } = values
  return email && password ? { email, password } : null
}

function toConfig(sourced: Sourced): Config {
  const { values, role, isEmbedded, dataDir } = sourced
  const ownDatabase = (name: SubgraphName) =>
    isEmbedded ? `sqlite:${join(dataDir, `${name}.sqlite`)}` : null
  return {
    mode: present(values.DBSBM_MODE),
    role,
    dataDir,
    host: present(values.HOST),
    port: values.PORT ?? defaultPort(role),
    logLevel: values.LOG_LEVEL ?? (isEmbedded ? 'warn' : 'info'),
    databaseUrls: perSubgraph(
      (name) => values[`DATABASE_URL_${suffixOf(name)}`] ?? ownDatabase(name),
    ),
    subgraphUrls: perSubgraph((name) => values[`SUBGRAPH_URL_${suffixOf(name)}`] ?? null),
    database: {
      poolSize: present(values.DATABASE_POOL_SIZE),
      timeoutMs: present(values.DATABASE_TIMEOUT_SECONDS) * 1000,
    },
    redis: values.REDIS_URL
      ? { url: values.REDIS_URL, prefix: present(values.REDIS_PREFIX) }
      : null,
    firstOperator: toFirstOperator(values),
    operatorKey: toOperatorKey(sourced),
    serviceSecret: values.SERVICE_SECRET ?? null,
    gateway: toGatewayConfig(sourced),
    oddsFeed: toOddsFeed(values, { isEmbedded, present }),
  }
}

/**
 * Reads the configuration from variables and command line flags. Throws one ConfigurationError that
 * lists everything that is wrong.
 */
export function readConfig(
  env: Environment,
  argv: readonly string[] = [],
  role: ProcessRole = 'gateway',
): Config {
  const problems: string[] = []
  const report = (problem: string) => void problems.push(problem)
  const collected = collectSettings({ env, argv }, report)
  reportMissingSettings(collected, role, report)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const { values } = collected
  const isEmbedded = values.DBSBM_MODE === 'embedded'
  return toConfig({ values, role, isEmbedded, dataDir: present(values.DATA_DIR) })
}

/** The configuration of this process: the only place where its variables are read. */
export function readProcessConfig(argv: readonly string[], role: ProcessRole = 'gateway'): Config {
  return readConfig(process.env, argv, role)
}

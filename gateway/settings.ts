import type { Network } from '#kernel/config/parsers.ts'
import type { SubgraphStream } from '#kernel/config/subgraph-stream-settings.ts'
import type { GatewayConfig } from '#kernel/config.ts'
import { type AccessSettings, defaultAccess } from './access/access-settings.ts'
import { type DemandSettings, defaultDemand } from './demand/demand-settings.ts'
import { defaultLimits, type OperationLimits } from './demand/operation-limits.ts'
import type { Safelist } from './documents/resolve-document.ts'
import type { ExecutorName } from './engine/operation-executor.ts'
import { defaultPlanning, type PlanningSettings } from './engine/planning/planning-settings.ts'
import { defaultLiveSettings, type LiveSettings } from './live/live-settings.ts'

/** What the gateway refuses, waits for and shows; every number is a bound, none is a wish. */
export type GatewaySettings = {
  endpoint: string
  /** Answers schema questions (`__schema`, `__type`). */
  introspection: boolean
  /** Serves the console, its sessions and its playground. */
  console: boolean
  /** Answers `/metrics` to whoever asks. */
  metrics: boolean
  /** Lets `x-dbsbm-query-plan: 1` ask for the plan of an operation. */
  exposeQueryPlan: boolean
  /** Origins that browsers may call from; `'*'` allows all of them, without credentials. */
  corsOrigins: readonly string[] | '*'
  /** Whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly Network[]
  requestTimeoutMs: number
  /** Which statuses answers have: those that the audits of graphql-http want, or the draft's. */
  httpStatus: GatewayConfig['httpStatus']
  /** Operations in one request, as a list; 1: no lists. */
  mostOperations: number
  executor: ExecutorName
  access: AccessSettings
  /** Asks once what several ask at the same time, as far as its answer may be told to all of them. */
  sharing: boolean
  limits: OperationLimits
  demand: DemandSettings
  documents: DocumentSettings
  compression: CompressionSettings
  subgraph: SubgraphSettings
  live: LiveSettings
  planning: PlanningSettings
  who: WhoSettings
  tracing: TracingSettings
  slow: SlowSettings
}

/** Where traces go, and how much of them may wait. */
export type TracingSettings = {
  /** Base URL of an OTLP collector over HTTP; null: no traces. */
  endpoint: string | null
  /** Sent to the collector; may hold its secrets. */
  headers: Readonly<Record<string, string>>
  serviceName: string
  /** Of requests that no trusted proxy decided on. */
  ratio: number
  /** Further spans are dropped. */
  queuedSpans: number
  batchSpans: number
  delayMs: number
  timeoutMs: number
}

/** Which operations are written down as slow. */
export type SlowSettings = {
  /** 0: none. */
  thresholdMs: number
  linesPerMinute: number
}

/** Which documents may be named, and which must be. */
export type DocumentSettings = {
  safelist: Safelist
  /** Lets clients register documents by their hashes (APQ), where there is no safelist. */
  apq: boolean
  /** Of all registered documents together. */
  apqBytes: number
  /** Of a manifest file. */
  manifestBytes: number
  manifestDocuments: number
  /** How often the file is looked at besides the notices of the system. */
  pollIntervalMs: number
}

/** Which answers are compressed. */
export type CompressionSettings = {
  isOn: boolean
  /** Shorter ones cost more than they save. */
  leastBytes: number
  /** Answers that are compressed at once; further ones leave as they are. */
  mostAtOnce: number
}

/** Bounds on the way to one subgraph. */
export type SubgraphSettings = {
  timeoutMs: number
  connectTimeoutMs: number
  /** How long a request is sent again where it was not taken; 0: never (docs/adr/0024). */
  retryMs: number
  retryFirstDelayMs: number
  retryLongestDelayMs: number
  /** Requests that wait at once for a subgraph that is away; further ones are refused. */
  mostWaiting: number
  /** Failures in a row, time-outs among them, after which a subgraph is held to be away. */
  mostFailures: number
  answerBytes: number
  eventBytes: number
  /** A stream on which neither event nor heartbeat arrives for this long is dead. */
  streamIdleMs: number
  connections: number
  /** Subgraphs that are not asked for streams by server-sent events. */
  streams: Readonly<Record<string, SubgraphStream>>
  /** Where subgraphs reach this gateway to post events; null: nowhere. */
  callbackUrl: string | null
}

/** Bounds on remembering who asks. */
export type WhoSettings = {
  rememberedTokens: number
  keyMemoryMs: number
  rememberedKeys: number
  /** Shortest time between two readings of the public keys for a key id that is not known. */
  jwksCooldownMs: number
  /** A revocation feed on which not even a heartbeat arrives for this long is dead. */
  feedIdleMs: number
  feedFirstDelayMs: number
  feedLongestDelayMs: number
}

/** The settings of a gateway that nobody configured; safe, with introspection off. */
export const defaultSettings: GatewaySettings = {
  endpoint: '/graphql',
  introspection: false,
  console: false,
  metrics: true,
  exposeQueryPlan: false,
  corsOrigins: [],
  trustedProxies: [],
  requestTimeoutMs: 30_000,
  httpStatus: 'audits',
  mostOperations: 1,
  executor: 'engine',
  access: defaultAccess,
  sharing: true,
  limits: defaultLimits,
  documents: {
    safelist: 'off',
    apq: true,
    apqBytes: 16_777_216,
    manifestBytes: 33_554_432,
    manifestDocuments: 50_000,
    pollIntervalMs: 2_000,
  },
  compression: { isOn: true, leastBytes: 4_096, mostAtOnce: 16 },
  demand: defaultDemand,
  subgraph: {
    timeoutMs: 10_000,
    connectTimeoutMs: 2_000,
    retryMs: 5_000,
    retryFirstDelayMs: 50,
    retryLongestDelayMs: 500,
    mostWaiting: 1_000,
    mostFailures: 10,
    answerBytes: 10_485_760,
    eventBytes: 1_048_576,
    streamIdleMs: 45_000,
    connections: 128,
    streams: {},
    callbackUrl: null,
  },
  live: defaultLiveSettings,
  planning: defaultPlanning,
  who: {
    rememberedTokens: 10_000,
    keyMemoryMs: 5_000,
    rememberedKeys: 10_000,
    jwksCooldownMs: 5_000,
    feedIdleMs: 15_000,
    feedFirstDelayMs: 100,
    feedLongestDelayMs: 5_000,
  },
  tracing: {
    endpoint: null,
    headers: {},
    serviceName: 'dbsbm-gateway',
    ratio: 1,
    queuedSpans: 8_192,
    batchSpans: 512,
    delayMs: 1_000,
    timeoutMs: 5_000,
  },
  slow: { thresholdMs: 0, linesPerMinute: 60 },
}

type DeepPartial<Value> = {
  [Key in keyof Value]?: Value[Key] extends readonly unknown[] | string | number | boolean
    ? Value[Key]
    : DeepPartial<Value[Key]>
}

/** Some settings, the rest as they are by default. */
export type SettingsOverride = DeepPartial<GatewaySettings>

/** Lays overrides over the defaults, group by group. */
export function gatewaySettings(override: SettingsOverride = {}): GatewaySettings {
  return {
    ...defaultSettings,
    ...override,
    access: { ...defaultSettings.access, ...override.access },
    limits: { ...defaultSettings.limits, ...override.limits },
    documents: { ...defaultSettings.documents, ...override.documents },
    compression: { ...defaultSettings.compression, ...override.compression },
    demand: {
      ...{ ...defaultDemand, ...override.demand },
      budgets: { ...defaultDemand.budgets, ...override.demand?.budgets },
    },
    subgraph: { ...defaultSettings.subgraph, ...override.subgraph },
    live: { ...defaultSettings.live, ...override.live },
    planning: { ...defaultSettings.planning, ...override.planning },
    who: { ...defaultSettings.who, ...override.who },
    tracing: { ...defaultSettings.tracing, ...override.tracing },
    slow: { ...defaultSettings.slow, ...override.slow },
  } as GatewaySettings
}

/** Bounds on live connections. */
export type LiveSettings = {
  connections: number
  /** WebSockets and event streams of one client address together. */
  connectionsPerClient: number
  subscriptionsPerConnection: number
  /** Of one user or key, over all connections to this process. */
  subscriptionsPerUser: number
  subscriptionsPerTenant: number
  /** Messages, operations and pings of one connection: so many a second, twice as many at once. */
  messagesPerSecond: number
  operationsPerSecond: number
  pingsPerSecond: number
  connectionInitTimeoutMs: number
  messageBytes: number
  keepAliveMs: number
  /** Bytes that may wait for a slow reader before it is let go. */
  bufferedBytes: number
  /** Events and characters of one stream that are held for readers that lag behind. */
  heldEvents: number
  heldCharacters: number
  /** Things whose latest state is remembered for them, of a stream of states. */
  heldStates: number
  /** How long the stream of a subgraph that broke off is opened again; 0: never. */
  reopenMs: number
  /** How long the reader of an event stream may take nothing while something waits for it. */
  stalledMs: number
  /** How long a gateway that was told to stop goes on taking requests, while `/ready` says no. */
  noticeMs: number
  /** How long a stopping gateway waits for requests in flight. */
  drainMs: number
}

/** Bounds of a gateway that nobody configured. */
export const defaultLiveSettings: LiveSettings = {
  connections: 10_000,
  connectionsPerClient: 200,
  subscriptionsPerConnection: 100,
  subscriptionsPerUser: 1_000,
  subscriptionsPerTenant: 100_000,
  messagesPerSecond: 200,
  operationsPerSecond: 100,
  pingsPerSecond: 5,
  connectionInitTimeoutMs: 3_000,
  messageBytes: 262_144,
  keepAliveMs: 12_000,
  bufferedBytes: 4_194_304,
  heldEvents: 1_024,
  heldCharacters: 2_097_152,
  heldStates: 10_000,
  reopenMs: 10_000,
  stalledMs: 15_000,
  noticeMs: 0,
  drainMs: 10_000,
}

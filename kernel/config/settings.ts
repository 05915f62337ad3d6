import { SUBGRAPH_NAMES, type SubgraphName } from '../auth/service-names.ts'
import { ACCESS_SETTINGS } from './access-settings.ts'
import { DEMAND_SETTINGS } from './demand-settings.ts'
import { ENGINE_SETTINGS } from './engine-settings.ts'
import { LIVE_SETTINGS } from './live-settings.ts'
import {
  databaseUrl,
  decimalNumber,
  hostName,
  httpUrl,
  networks,
  oneOf,
  onOff,
  origins,
  plainText,
  redisPrefix,
  redisUrl,
  secretText,
  wholeNumber,
  words,
} from './parsers.ts'
import { SEEING_SETTINGS } from './seeing-settings.ts'
import { type Setting, setting } from './setting.ts'
import { SUBGRAPH_STREAM_SETTINGS } from './subgraph-stream-settings.ts'

export type { Setting }

/** The domain's part of a setting's name: IDENTITY. */
export type DomainSuffix = Uppercase<SubgraphName>

/** The domain's part of a setting's name. */
export const suffixOf = (name: SubgraphName) => name.toUpperCase() as DomainSuffix

function perDomain<Prefix extends string, T>(
  prefix: Prefix,
  toSetting: (name: SubgraphName) => Setting<T, null>,
) {
  const rows = SUBGRAPH_NAMES.map((name) => [`${prefix}_${suffixOf(name)}`, toSetting(name)])
  // fromEntries forgets the keys that the list above made.
  return Object.fromEntries(rows) as Record<`${Prefix}_${DomainSuffix}`, Setting<T, null>>
}

const PROCESS_SETTINGS = {
  DBSBM_MODE: setting(oneOf('embedded', 'cluster'), {
    fallback: 'embedded',
    doc: 'embedded: one process on SQLite files. cluster: gateway and subgraphs as services.',
  }),
  DATA_DIR: setting(plainText('a folder'), {
    fallback: 'var',
    doc: 'Folder of databases and keys in the embedded run.',
    flag: 'data-dir',
  }),
  HOST: setting(hostName, {
    fallback: '127.0.0.1',
    doc: 'Address to listen on.',
    flag: 'host',
  }),
  PORT: setting(wholeNumber(0, 65_535), {
    fallback: null,
    doc: 'Port to listen on (0: any free one). By default 4000 for the gateway, 4001 identity, 4002 tenancy, 4003 ai, 4004 compliance, 4005 analytics.',
    flag: 'port',
  }),
  LOG_LEVEL: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    fallback: null,
    doc: 'Least level of log lines. By default warn embedded, info in a cluster.',
  }),
  REDIS_URL: setting(redisUrl, {
    fallback: null,
    doc: 'Redis for events and rate counters. Required in cluster mode.',
    isSecret: true,
  }),
  REDIS_PREFIX: setting(redisPrefix, {
    fallback: 'dbsbm:',
    doc: 'What the names of all keys in Redis begin with: platforms that share a Redis differ in it.',
  }),
  DATABASE_POOL_SIZE: setting(wholeNumber(2, 500), {
    fallback: '10',
    doc: 'Most connections of one subgraph’s process to its database; MariaDB and MySQL only.',
  }),
  DATABASE_TIMEOUT_SECONDS: setting(wholeNumber(1, 600), {
    fallback: '10',
    doc: 'Longest time for one statement, and for the wait for a connection; MariaDB and MySQL only.',
  }),
  FIRST_OPERATOR_EMAIL: setting(plainText('an e-mail address', 255), {
    fallback: null,
    doc: 'Identity makes an account of the role operator for it as long as the platform has no operator at all. Cluster only.',
  }),
  FIRST_OPERATOR_PASSWORD: setting(secretText('12 to 200 characters', 12), {
    fallback: null,
    doc: 'Password of that first account, to be changed after the first sign-in.',
    isSecret: true,
  }),
  OPERATOR_KEY: setting(secretText('lines v<number>:<base64 of 32 bytes>', 44), {
    fallback: null,
    doc: "The operator's key, which wraps the keys of persons. Embedded: made in DATA_DIR/keys on the first start. Cluster: required for subgraphs.",
    isSecret: true,
  }),
  SERVICE_SECRET: setting(secretText('32 to 65536 random characters', 32), {
    fallback: null,
    doc: "Secret from which the keys between services are derived. Embedded: derived from the operator's key. Cluster: required, the same for all.",
    isSecret: true,
  }),
}

const GATEWAY_SETTINGS = {
  GATEWAY_SUPERGRAPH: setting(plainText('a file'), {
    fallback: null,
    doc: 'Supergraph to serve without the platform: its subgraphs are reached at their own URLs.',
    flag: 'supergraph',
  }),
  GATEWAY_SCHEMA_FILE: setting(plainText('a file'), {
    fallback: null,
    doc: 'Supergraph of the platform, in place of schema/supergraph.graphql. Exchanged when the file changes, without an end to any request or stream.',
  }),
  GATEWAY_DOCUMENTS_FILE: setting(plainText('a file'), {
    fallback: null,
    doc: 'Manifest of the documents that clients may ask by id: JSON of documents by id, or Apollo’s manifest of persisted queries. By default schema/documents.json, and none with --supergraph. Exchanged when the file changes.',
  }),
  GATEWAY_SAFELIST: setting(oneOf('off', 'ids-or-listed', 'ids-only'), {
    fallback: 'off',
    doc: 'Which documents are executed. off: any. ids-or-listed: those of the manifest. ids-only: those of the manifest, by id alone.',
  }),
  GATEWAY_APQ: setting(onOff, {
    fallback: 'on',
    doc: 'Whether clients may register documents by their hashes to send them once (automatic persisted queries). Off wherever there is a safelist.',
  }),
  GATEWAY_HTTP_STATUS: setting(oneOf('audits', 'draft-2026-08'), {
    fallback: 'audits',
    doc: 'Statuses of answers. audits: as clients of today know them. draft-2026-08: those of the newest draft of GraphQL over HTTP, 422 for what is not executed and 294 for data beside errors.',
  }),
  GATEWAY_COMPRESSION: setting(onOff, {
    fallback: 'on',
    doc: 'Whether answers to queries of 4 kB and more are compressed (br, gzip) for clients that take it. Off where a proxy does it.',
  }),
  GATEWAY_CONSOLE: setting(onOff, {
    fallback: 'on',
    doc: 'Whether the console is served under /console: sign-in, odds, bets, tenants, security, keys and the playground. Anywhere but on loopback it needs TLS before it.',
  }),
  GATEWAY_INTROSPECTION: setting(onOff, {
    fallback: null,
    doc: 'Whether clients may introspect the schema. By default on embedded, off in a cluster.',
  }),
  GATEWAY_CORS_ORIGINS: setting(origins, {
    fallback: null,
    doc: 'Pages of other origins that may call the gateway from a browser. By default none.',
  }),
  GATEWAY_TRUSTED_PROXIES: setting(networks, {
    fallback: null,
    doc: 'Networks of the proxies before the gateway: what they say of a client’s address in X-Forwarded-For is believed, what anybody else says is not. By default none.',
  }),
  GATEWAY_QUERY_PLAN: setting(onOff, {
    fallback: null,
    doc: 'Whether everybody may ask for the query plan of an operation: with the header x-dbsbm-query-plan: 1 the answer carries it in extensions.queryPlan. Who holds platform:observe may always. By default on embedded, off in a cluster.',
  }),
  GATEWAY_METRICS: setting(onOff, {
    fallback: null,
    doc: 'Whether /metrics is answered, to whoever reaches the port. By default on embedded, off in a cluster: turn it on where only the monitoring reaches that path.',
  }),
  GATEWAY_MAX_BODY_BYTES: setting(wholeNumber(1024, 104_857_600), {
    fallback: '1048576',
    doc: 'Largest request body.',
  }),
  GATEWAY_MAX_OPERATIONS: setting(wholeNumber(1, 100), {
    fallback: '1',
    doc: 'Most operations in one request, sent as a list; together they keep the bounds of one. 1: lists are refused.',
  }),
  GATEWAY_MAX_DEPTH: setting(wholeNumber(1, 1000), {
    fallback: '20',
    doc: 'Deepest nesting of fields in an operation.',
  }),
  GATEWAY_MAX_ALIASES: setting(wholeNumber(0, 100_000), {
    fallback: '100',
    doc: 'Most aliases in an operation.',
  }),
  GATEWAY_REQUEST_TIMEOUT_SECONDS: setting(wholeNumber(1, 3600), {
    fallback: '30',
    doc: 'Longest time for one query or mutation.',
  }),
  GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: setting(wholeNumber(1, 3600), {
    fallback: '10',
    doc: 'Longest time for one fetch from a subgraph.',
  }),
  GATEWAY_RETRY_SECONDS: setting(wholeNumber(0, 60), {
    fallback: '5',
    doc: 'How long a request whose subgraph is not there is tried again, where it was not taken or only reads: a subgraph that restarts within this time fails nothing.',
  }),
  GATEWAY_WORKERS: setting(wholeNumber(1, 64), {
    fallback: '1',
    doc: 'Processes of the gateway that share its port, one for each core at most. More than one needs cluster mode or --supergraph; bounds on connections hold for each.',
  }),
  GATEWAY_NOTICE_SECONDS: setting(wholeNumber(0, 120), {
    fallback: null,
    doc: 'How long a gateway that was told to stop goes on taking requests while /ready says no already, so that balancers take it out first. By default 0 embedded, 3 in a cluster.',
  }),
  GATEWAY_DRAIN_SECONDS: setting(wholeNumber(0, 600), {
    fallback: '10',
    doc: 'How long requests in flight may take to end when the process is told to stop.',
  }),
}

const ODDS_SETTINGS = {
  ODDS_FEED: setting(oneOf('simulator', 'season', 'snapshots', 'http', 'none'), {
    fallback: null,
    doc: 'Source of odds. By default simulator embedded, none in a cluster.',
  }),
  ODDS_FEED_FILE: setting(plainText('a file'), {
    fallback: null,
    doc: 'CSV file, plain or .gz, for the feeds season and snapshots.',
  }),
  ODDS_FEED_LEAGUE: setting(plainText('a code of the file such as E0', 50), {
    fallback: null,
    doc: 'League to replay, for the feed season.',
  }),
  ODDS_FEED_SEASON: setting(plainText('a season of the file such as 2023-24', 50), {
    fallback: null,
    doc: 'Season to replay, for the feed season.',
  }),
  ODDS_FEED_SPEED: setting(decimalNumber(0.001, 10_000_000), {
    fallback: '60',
    doc: 'How many seconds of the file pass in one second of a replay.',
  }),
  ODDS_FEED_SEED: setting(plainText('a text', 100), {
    fallback: 'demo',
    doc: 'Seed of the simulator: the same seed tells the same story.',
  }),
  ODDS_FEED_URL: setting(httpUrl, {
    fallback: null,
    doc: 'Base URL of a server that speaks The Odds API v4, for the feed http.',
  }),
  ODDS_FEED_KEY: setting(secretText('a key of 1 to 65536 characters', 1), {
    fallback: null,
    doc: 'Key for that server.',
    isSecret: true,
  }),
  ODDS_FEED_SPORTS: setting(words, {
    fallback: 'soccer_epl',
    doc: 'Sports to poll, comma separated, for the feed http.',
  }),
  ODDS_FEED_REGIONS: setting(words, {
    fallback: 'eu,uk',
    doc: 'Regions of bookmakers to poll, comma separated, for the feed http.',
  }),
  ODDS_FEED_INTERVAL_SECONDS: setting(wholeNumber(1, 86_400), {
    fallback: null,
    doc: 'Time between two polls of the feed http (by default 60), or two ticks of the simulator (1).',
  }),
}

/** Every setting that the platform knows; `docs/operating.md` can be made from it. */
export const SETTINGS = {
  ...PROCESS_SETTINGS,
  ...perDomain('DATABASE_URL', (name) =>
    setting(databaseUrl, {
      fallback: null,
      doc: `Database of ${name}. Embedded: by default sqlite:DATA_DIR/${name}.sqlite. Cluster: required where ${name} runs.`,
      isSecret: true,
    }),
  ),
  ...perDomain('SUBGRAPH_URL', (name) =>
    setting(httpUrl, {
      fallback: null,
      doc: `Where ${name} is reached. Embedded: by default within the process. Cluster: required.`,
    }),
  ),
  ...GATEWAY_SETTINGS,
  ...ACCESS_SETTINGS,
  ...ENGINE_SETTINGS,
  ...SUBGRAPH_STREAM_SETTINGS,
  ...LIVE_SETTINGS,
  ...DEMAND_SETTINGS,
  ...SEEING_SETTINGS,
  ...ODDS_SETTINGS,
}

/** Name of a setting. */
export type SettingName = keyof typeof SETTINGS

/** The values of all settings; null where nothing was given and no fallback text stands. */
export type SettingValues = {
  [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T, infer Fallback>
    ? Fallback extends string
      ? T
      : T | null
    : never
}

/** All names, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

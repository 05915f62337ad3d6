import { SUBGRAPH_NAMES, type SubgraphName } from '../auth/service-names.ts'
import { type CollectedSettings, expectationOf, type Report } from './collect-settings.ts'
import { type SettingName, type SettingValues, suffixOf } from './settings.ts'

/** What a process is: it decides the default port and, in a cluster, which settings are required. */
export type ProcessRole = 'gateway' | 'subgraphs' | SubgraphName

type Need = { name: SettingName; reason: string }

const FEED_NEEDS: Readonly<Record<string, readonly SettingName[]>> = {
  season: ['ODDS_FEED_FILE', 'ODDS_FEED_LEAGUE', 'ODDS_FEED_SEASON'],
  snapshots: ['ODDS_FEED_FILE'],
  http: ['ODDS_FEED_URL', 'ODDS_FEED_KEY'],
}

function clusterNeeds(role: ProcessRole): SettingName[] {
  const shared: SettingName[] = [
    ...SUBGRAPH_NAMES.map((name) => `SUBGRAPH_URL_${suffixOf(name)}` as const),
    'REDIS_URL',
    'SERVICE_SECRET',
  ]
  if (role === 'gateway') return shared
  const owned = role === 'subgraphs' ? SUBGRAPH_NAMES : [role]
  const databases = owned.map((name) => `DATABASE_URL_${suffixOf(name)}` as const)
  return [...databases, ...shared, 'OPERATOR_KEY']
}

/** Settings of which one without the other means nothing. */
const TOGETHER: readonly (readonly [SettingName, SettingName])[] = [
  ['FIRST_OPERATOR_EMAIL', 'FIRST_OPERATOR_PASSWORD'],
  ['FIRST_OPERATOR_PASSWORD', 'FIRST_OPERATOR_EMAIL'],
]

function needsOf(values: Partial<SettingValues>, role: ProcessRole): Need[] {
  // A gateway that serves a supergraph of its own stands alone.
  const isPlatform = role !== 'gateway' || values.GATEWAY_SUPERGRAPH === undefined
  const cluster = values.DBSBM_MODE === 'cluster' && isPlatform ? clusterNeeds(role) : []
  const feed = FEED_NEEDS[values.ODDS_FEED ?? 'none'] ?? []
  return [
    ...cluster.map((name) => ({ name, reason: 'cluster mode' })),
    ...feed.map((name) => ({ name, reason: `ODDS_FEED=${values.ODDS_FEED}` })),
    ...TOGETHER.flatMap(([given, name]) =>
      values[given] === undefined ? [] : [{ name, reason: given }],
    ),
  ]
}

/** Reports every setting that mode, role and feed require and that was not given. */
export function reportMissingSettings(
  { values, refused }: CollectedSettings,
  role: ProcessRole,
  report: Report,
): void {
  const { GATEWAY_WORKERS = 1, DBSBM_MODE, GATEWAY_SUPERGRAPH } = values
  if (GATEWAY_WORKERS > 1 && DBSBM_MODE === 'embedded' && GATEWAY_SUPERGRAPH === undefined) {
    report('GATEWAY_WORKERS is more than 1; the embedded run is one process.')
  }
  for (const { name, reason } of needsOf(values, role)) {
    if (values[name] !== undefined || refused.has(name)) continue
    report(`${name} is missing; ${reason} needs it: expected ${expectationOf(name)}.`)
  }
}

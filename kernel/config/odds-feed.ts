import type { SettingValues } from './settings.ts'

/** Where odds come from. */
export type OddsFeedConfig =
  | { kind: 'none' }
  | { kind: 'simulator'; seed: string; intervalSeconds: number }
  | { kind: 'season'; file: string; league: string; season: string; speed: number }
  | { kind: 'snapshots'; file: string; speed: number }
  | {
      kind: 'http'
      url: string
      key: string
      sports: readonly string[]
      regions: readonly string[]
      intervalSeconds: number
    }

type OddsValues = Partial<Pick<SettingValues, Extract<keyof SettingValues, `ODDS_FEED${string}`>>>
type Present = <T>(value: T | null | undefined) => T

const SIMULATOR_INTERVAL_SECONDS = 1
const POLL_INTERVAL_SECONDS = 60

type FeedKind = OddsFeedConfig['kind']

const FEEDS: { [Kind in FeedKind]: (values: OddsValues, present: Present) => OddsFeedConfig } = {
  none: () => ({ kind: 'none' }),
  simulator: (values, present) => ({
    kind: 'simulator',
    seed: present(values.ODDS_FEED_SEED),
    intervalSeconds: values.ODDS_FEED_INTERVAL_SECONDS ?? SIMULATOR_INTERVAL_SECONDS,
  }),
  season: (values, present) => ({
    kind: 'season',
    file: present(values.ODDS_FEED_FILE),
    league: present(values.ODDS_FEED_LEAGUE),
    season: present(values.ODDS_FEED_SEASON),
    speed: present(values.ODDS_FEED_SPEED),
  }),
  snapshots: (values, present) => ({
    kind: 'snapshots',
    file: present(values.ODDS_FEED_FILE),
    speed: present(values.ODDS_FEED_SPEED),
  }),
  http: (values, present) => ({
    kind: 'http',
    url: present(values.ODDS_FEED_URL),
    key: present(values.ODDS_FEED_KEY),
    sports: present(values.ODDS_FEED_SPORTS),
    regions: present(values.ODDS_FEED_REGIONS),
    intervalSeconds: values.ODDS_FEED_INTERVAL_SECONDS ?? POLL_INTERVAL_SECONDS,
  }),
}

/** Where the settings say that odds come from; `present` vouches for what was required. */
export function toOddsFeed(
  values: OddsValues,
  { isEmbedded, present }: { isEmbedded: boolean; present: Present },
): OddsFeedConfig {
  return FEEDS[values.ODDS_FEED ?? (isEmbedded ? 'simulator' : 'none')](values, present)
}

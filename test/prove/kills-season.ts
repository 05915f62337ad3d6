import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SEASON_COLUMNS } from '#subgraphs/analytics/services/feeds/season-row.ts'
import { createChance } from './season-chance.ts'

/** A made-up season: enough matches at any time to bet on, and results all the while. */
export type SeasonPlan = {
  seed: number
  days: number
  matchesADay: number
  /** How many seconds of the season pass in one second; a day of it lasts 7,500. */
  speed: number
  /** Whether its matches are never over, so that it tells prices and kick-offs alone. */
  isWithoutResults?: boolean
}

const LEAGUE = 'E0'
const SEASON = '2023-24'
const FIRST_DAY = Date.UTC(2023, 7, 1)
const DAY_MS = 86_400_000

const PRICED = [
  ...['open_h', 'open_d', 'open_a', 'ou25_open_over', 'ou25_open_under'],
  ...['close_h', 'close_d', 'close_a', 'ou25_close_over', 'ou25_close_under'],
]

function linesOf({ seed, days, matchesADay, isWithoutResults = false }: SeasonPlan): string[] {
  const chance = createChance(seed)
  const odds = () => (chance.between(110, 600) / 100).toFixed(2)
  const lineOf = (day: number, match: number) => {
    const cells: Record<string, string | number> = {
      ...{ league: LEAGUE, season: '2324' },
      date: new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10),
      ...{ home: `Home ${day}-${match}`, away: `Away ${day}-${match}` },
      ...(!isWithoutResults && { fthg: chance.between(0, 4), ftag: chance.between(0, 4) }),
      ...Object.fromEntries(PRICED.map((column) => [column, odds()])),
    }
    return SEASON_COLUMNS.map((column) => cells[column] ?? '').join(',')
  }
  return Array.from({ length: days * matchesADay }, (_, index) =>
    lineOf(Math.floor(index / matchesADay), index % matchesADay),
  )
}

/** Writes the season into a folder. @returns the settings by which a platform replays it */
export async function writeSeason(
  folder: string,
  plan: SeasonPlan,
): Promise<Record<string, string>> {
  const path = join(folder, 'season.csv')
  await writeFile(path, [SEASON_COLUMNS.join(','), ...linesOf(plan), ''].join('\n'))
  return {
    ODDS_FEED: 'season',
    ODDS_FEED_FILE: path,
    ODDS_FEED_LEAGUE: LEAGUE,
    ODDS_FEED_SEASON: SEASON,
    ODDS_FEED_SPEED: String(plan.speed),
  }
}

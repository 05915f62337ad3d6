import type { FeedDraft } from '#subgraphs/analytics/services/feeds/feed.ts'
import type { Chance } from './season-chance.ts'
import type { Season } from './season-file.ts'

/** One answer that somebody can bet on; lines in thousandths of a goal, 0 where there is none. */
export type Answer = { match: number; market: string; line: number; pick: string }

/** What happens at an instant, told of a match by its place in the file. */
export type Happening = { at: number; match: number } & (
  | { kind: 'opened'; startsAt: number }
  | { kind: 'moved'; startsAt: number }
  | { kind: 'quoted'; answer: Answer; source: string; odds: number }
  | { kind: 'ended'; goals: readonly [number, number] }
)

export type StoryMatch = {
  /** The platform's name of the match within its feed. */
  externalId: string
  home: string
  away: string
  kickOff: number
}

/** A season as its file tells it, read without the product, and what was made up beside it. */
export type Story = {
  matches: readonly StoryMatch[]
  /** In the order of time; those that the file tells, and those that were made up. */
  happenings: readonly (Happening & { isMadeUp: boolean })[]
  /** Matches whose result in the file is not told at its time, because they were put off before. */
  putOff: ReadonlySet<number>
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const OPENING = -3 * DAY
const CLOSING = -5 * MINUTE
const RESULT = 115 * MINUTE

const MAKER = 'invented-maker'

/** Column, when it is told, market, line, answer, whose price. */
const COLUMNS = [
  ['open_h', OPENING, 'match_result', 0, 'home', 'market-average'],
  ['open_d', OPENING, 'match_result', 0, 'draw', 'market-average'],
  ['open_a', OPENING, 'match_result', 0, 'away', 'market-average'],
  ['ou25_open_over', OPENING, 'over_under', 2_500, 'over', 'market-average'],
  ['ou25_open_under', OPENING, 'over_under', 2_500, 'under', 'market-average'],
  ['close_h', CLOSING, 'match_result', 0, 'home', 'market-average'],
  ['close_d', CLOSING, 'match_result', 0, 'draw', 'market-average'],
  ['close_a', CLOSING, 'match_result', 0, 'away', 'market-average'],
  ['ou25_close_over', CLOSING, 'over_under', 2_500, 'over', 'market-average'],
  ['ou25_close_under', CLOSING, 'over_under', 2_500, 'under', 'market-average'],
  ['btts_close_yes', CLOSING, 'both_score', 0, 'yes', 'market-average'],
  ['btts_close_no', CLOSING, 'both_score', 0, 'no', 'market-average'],
  ['pin_close_h', CLOSING, 'match_result', 0, 'home', 'pinnacle'],
  ['pin_close_d', CLOSING, 'match_result', 0, 'draw', 'pinnacle'],
  ['pin_close_a', CLOSING, 'match_result', 0, 'away', 'pinnacle'],
  ['max_close_h', CLOSING, 'match_result', 0, 'home', 'market-maximum'],
  ['max_close_d', CLOSING, 'match_result', 0, 'draw', 'market-maximum'],
  ['max_close_a', CLOSING, 'match_result', 0, 'away', 'market-maximum'],
] as const

type Row = ReadonlyMap<string, string>

function matchOf(row: Row): StoryMatch {
  const [date = '', home = '', away = ''] = ['date', 'home', 'away'].map((name) => row.get(name))
  return {
    externalId: ['E0', '2023-24', date, home, away].join('/'),
    ...{ home, away, kickOff: Date.parse(`${date}T15:00:00Z`) },
  }
}

function toldByFile(row: Row, match: number, kickOff: number): Happening[] {
  const quotes = COLUMNS.flatMap(([column, after, market, line, pick, source]): Happening[] => {
    const text = row.get(column) ?? ''
    const odds = Math.round(Number(text) * 1_000)
    const answer = { match, market, line, pick }
    return text === '' ? [] : [{ kind: 'quoted', at: kickOff + after, match, answer, source, odds }]
  })
  const goals = [Number(row.get('fthg')), Number(row.get('ftag'))] as const
  return [
    { kind: 'opened', at: kickOff + OPENING, match, startsAt: kickOff },
    ...quotes,
    { kind: 'ended', at: kickOff + RESULT, match, goals },
  ]
}

const INVENTED = [
  ['draw_no_bet', [0], ['home', 'away']],
  ['handicap', [-1_250, -750, -500, -250, 0, 250, 1_000], ['home', 'away']],
  ['over_under', [2_000, 2_250, 2_750, 3_000], ['over', 'under']],
] as const

/** Markets that the file does not quote: those that can be met exactly or by half. */
function inventPrices(match: number, kickOff: number, chance: Chance): Happening[] {
  return INVENTED.flatMap(([market, lines, picks]) => {
    const line = lines[chance.between(0, lines.length)] ?? 0
    return picks.flatMap((pick): Happening[] => {
      const price = () =>
        chance.between(0, 25) === 0 ? chance.between(60_000, 999_000) : chance.between(1_050, 4_500)
      const facts = { match, answer: { match, market, line, pick }, source: MAKER }
      const first = { kind: 'quoted', ...facts, at: kickOff + OPENING, odds: price() } as const
      const isMoved = chance.between(0, 2) === 0
      return isMoved ? [first, { ...first, at: kickOff + CLOSING, odds: price() }] : [first]
    })
  })
}

type Trouble = { happenings: Happening[]; isPutOff: boolean }

/** Results that the feed gets wrong first, and games that are put off: before, or after their result. */
function inventTrouble(match: number, kickOff: number, chance: Chance): Trouble {
  const goals = () => [chance.between(0, 5), chance.between(0, 5)] as const
  const kind = chance.between(0, 20)
  const startsAt = kickOff + DAY
  const again = { kind: 'ended', at: startsAt + RESULT, match, goals: goals() } as const
  if (kind === 0) {
    const wrong = { kind: 'ended', at: kickOff + RESULT - MINUTE, match, goals: goals() } as const
    return { happenings: [wrong], isPutOff: false }
  }
  if (kind === 1) {
    const moved = { kind: 'moved', at: kickOff + RESULT + 30 * MINUTE, match, startsAt } as const
    return { happenings: [moved, again], isPutOff: false }
  }
  if (kind === 2) {
    const moved = { kind: 'moved', at: kickOff - 60 * MINUTE, match, startsAt } as const
    return { happenings: [moved, again], isPutOff: true }
  }
  return { happenings: [], isPutOff: false }
}

/** Reads the file and makes up what it does not hold, the same for the same chance. */
export function readStory({ header, rows }: Season, chance: Chance): Story {
  const names = header.split(',')
  const matches: StoryMatch[] = []
  const happenings: (Happening & { isMadeUp: boolean })[] = []
  const putOff = new Set<number>()
  for (const [match, line] of rows.entries()) {
    const row = new Map(line.split(',').map((value, index) => [names[index] ?? '', value]))
    const facts = matchOf(row)
    matches.push(facts)
    const trouble = inventTrouble(match, facts.kickOff, chance)
    if (trouble.isPutOff) putOff.add(match)
    const madeUp = [...inventPrices(match, facts.kickOff, chance), ...trouble.happenings]
    const told = toldByFile(row, match, facts.kickOff).filter(
      ({ kind }) => kind !== 'ended' || !trouble.isPutOff,
    )
    happenings.push(...told.map((one) => ({ ...one, isMadeUp: false })))
    happenings.push(...madeUp.map((one) => ({ ...one, isMadeUp: true })))
  }
  return { matches, happenings: happenings.toSorted((left, right) => left.at - right.at), putOff }
}

/** What was made up, as a feed tells it. */
export function toDraft(happening: Happening, { externalId, home, away }: StoryMatch): FeedDraft {
  const at = new Date(happening.at)
  const key = { source: 'season-file', externalId }
  if (happening.kind === 'quoted') {
    const { answer, source, odds } = happening
    const { line, pick } = answer
    const market = { type: answer.market, line: line === 0 ? null : line } as never
    return {
      kind: 'quote',
      fixture: key,
      market,
      selection: pick as never,
      side: 'back',
      source,
      odds,
      at,
    }
  }
  if (happening.kind === 'ended') {
    const [homeGoals, awayGoals] = happening.goals
    return { kind: 'result', fixture: key, homeGoals, awayGoals, at }
  }
  const startsAt = new Date(happening.startsAt)
  const named = { competition: 'E0', season: '2023-24', home, away, startsAt }
  return { kind: 'fixture', fixture: { ...key, ...named }, at }
}

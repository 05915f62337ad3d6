import { z } from 'zod'
import type { FeedDraft, FixtureSeen, PriceQuoted, RejectionCode } from './feed.ts'
import { nameOutcome } from './odds-api-names.ts'
import { readInstant, readLine, readName, readOdds, type ValueReader } from './values.ts'

/** Most things of a kind that are read from one answer; a list beyond it is refused whole. */
const MOST = { games: 1000, bookmakers: 200, markets: 100, outcomes: 200 } as const

const text = <Value>(read: ValueReader<Value>) =>
  z
    .string()
    .max(200)
    .transform((raw, context) => read(raw) ?? refuse(context))
const decimal = <Value>(read: ValueReader<Value>) =>
  z.number().transform((raw, context) => read(String(raw)) ?? refuse(context))

function refuse(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'not readable' })
  return z.NEVER
}

// parts are read one by one, so that a broken one costs itself only
const Answer = z.array(z.unknown()).max(MOST.games)
const Game = z.object({
  id: text(readName),
  sport_key: text(readName),
  sport_title: text(readName).nullish(),
  commence_time: text(readInstant),
  home_team: text(readName),
  away_team: text(readName),
  bookmakers: z.array(z.unknown()).max(MOST.bookmakers).default([]),
})
const Bookmaker = z.object({
  key: text(readName),
  markets: z.array(z.unknown()).max(MOST.markets),
})
const Market = z.object({
  key: text(readName),
  outcomes: z.array(z.unknown()).max(MOST.outcomes),
})
const Outcome = z.object({
  name: text(readName),
  price: decimal(readOdds),
  point: decimal(readLine).nullish(),
})

/** What was understood of one answer, and what was not. */
export type ReadAnswer = {
  /** False when the answer as a whole is of another shape. */
  readonly isValid: boolean
  readonly drafts: readonly FeedDraft[]
}

export type AnswerContext = { readonly source: string; readonly at: Date }

/**
 * Reads an answer of GET /v4/sports/{sport}/odds of The Odds API (decimal odds). Broken games, bookmakers,
 * markets and outcomes become rejections that name the game's place from 1; the others are kept.
 */
export function readAnswer(json: unknown, context: AnswerContext): ReadAnswer {
  const games = Answer.safeParse(json)
  if (!games.success) return { isValid: false, drafts: [rejected(context, null, 'answer')] }
  const seen = new Set<string>()
  const drafts = games.data.flatMap((raw, index) => {
    const game = Game.safeParse(raw)
    const place = index + 1
    if (!game.success || game.data.home_team === game.data.away_team) {
      return [rejected(context, place, 'game')]
    }
    if (seen.size === seen.add(game.data.id).size) return [rejected(context, place, 'duplicate')]
    return tellGame(game.data, { ...context, place })
  })
  return { isValid: true, drafts }
}

type GameContext = AnswerContext & { readonly place: number }
type Quoted = Pick<PriceQuoted, 'market' | 'selection' | 'side' | 'odds'>

function tellGame(game: z.output<typeof Game>, context: GameContext): FeedDraft[] {
  const { source, at, place } = context
  const key = { source, externalId: game.id }
  const teams = { home: game.home_team, away: game.away_team }
  const fixture: FixtureSeen['fixture'] = {
    ...key,
    ...teams,
    competition: game.sport_title ?? game.sport_key,
    season: null,
    startsAt: game.commence_time,
  }
  const prices = game.bookmakers.flatMap((raw): FeedDraft[] => {
    const bookmaker = Bookmaker.safeParse(raw)
    if (!bookmaker.success) return [rejected(context, place, 'bookmaker')]
    return bookmaker.data.markets.flatMap((market) =>
      tellMarket(market, teams).map((told) =>
        'broken' in told
          ? rejected(context, place, told.broken)
          : { kind: 'quote', fixture: key, source: bookmaker.data.key, ...told, at },
      ),
    )
  })
  return [{ kind: 'fixture', fixture, at }, ...prices]
}

type BrokenPart = { readonly broken: string }

function tellMarket(raw: unknown, teams: { home: string; away: string }): (Quoted | BrokenPart)[] {
  const market = Market.safeParse(raw)
  if (!market.success) return [{ broken: 'market' }]
  return market.data.outcomes.map((rawOutcome) => {
    const outcome = Outcome.safeParse(rawOutcome)
    if (!outcome.success) return { broken: 'outcome' }
    const { name, price, point } = outcome.data
    const named = nameOutcome({ marketKey: market.data.key, name, line: point ?? null }, teams)
    return 'broken' in named ? named : { ...named, odds: price }
  })
}

const INVALID: RejectionCode = 'FEED_ANSWER_INVALID'

function rejected({ source, at }: AnswerContext, line: number | null, reason: string): FeedDraft {
  return { kind: 'rejected', source, code: INVALID, line, reason, at }
}

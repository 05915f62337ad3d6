import type { Clock } from '#kernel/clock.ts'
import { analyticsError } from '../../errors.ts'
import type { FeedDraft, FeedSource, FixtureSeen } from './feed.ts'
import { positionAfter } from './positions.ts'
import { createSeededRandom, type Random, shuffled } from './random.ts'
import {
  drawGoals,
  drawStrengths,
  fairChances,
  quoteAll,
  SIMULATED_SOURCES,
  type SimulatedSource,
  type Strengths,
  walk,
} from './simulator-model.ts'

const NAME = 'simulator'
/** Its only competition. */
export const SIMULATED_COMPETITION = 'Simulated League'

/** Invented clubs: any likeness is chance. */
export const SIMULATED_CLUBS = [
  'Ambermoor Athletic',
  'Brackwater Rovers',
  'Cindervale United',
  'Dunhollow Town',
  'Elmsgate Wanderers',
  'Fennick Harbour',
  'Glasswick City',
  'Hartlow Albion',
  'Inverquill Thistle',
  'Juniper Cross',
  'Kestrelby Rangers',
  'Lorndale Victoria',
] as const

/** As many others, for matches beside those. */
export const OTHER_SIMULATED_CLUBS = [
  'Marrowick Town',
  'Netherby Swifts',
  'Oakenfirth United',
  'Pellmoor City',
  'Quenby Athletic',
  'Ravensholt Rovers',
  'Silverdene Albion',
  'Thornlea Wanderers',
  'Underwick Vale',
  'Vixenhurst Park',
  'Wexcombe County',
  'Yarrowgate Harriers',
] as const

export type SimulatorSettings = {
  /** A whole number from 0 to 2^32 - 1: the same seed tells the same story. */
  readonly seed: number
  /** When round 0 begins, on the simulation's own time line. */
  readonly startsAt: Date
  /** By which part of a round it begins later, from 0 to below 1. */
  readonly phase?: number
  /** Who plays: two at least for each match of a round. */
  readonly clubs?: readonly string[]
  /** Time from one re-quote to the next; one re-quote is 7 prices, 14 at the exchange. */
  readonly tickMs?: number
  /** Matches at a time, 1 to 6. */
  readonly matches?: number
  /** How often each source re-quotes each match before kick-off, 1 to 1000. */
  readonly requotes?: number
  /** Rounds to play, or null for endless. */
  readonly rounds?: number | null
  /** Given a clock, rounds that are already over are left out (their positions too): a demo that slept goes on today. */
  readonly skipPast?: Clock | null
}

/**
 * Invented clubs whose prices walk at random, with a margin, round after round: fixtures, re-quotes, results.
 * Same settings, same events. Wrap it in `paced` for real time.
 * @throws FEED_SETTING_INVALID
 */
export function createSimulator(settings: SimulatorSettings): FeedSource {
  const plan = planOf(settings)
  return {
    name: NAME,
    isSimulated: true,
    isEndless: plan.rounds === Number.POSITIVE_INFINITY,
    timing: 'simulated',
    identify: async () =>
      [NAME, plan.seed, plan.startsAt, plan.tickMs, plan.matches, plan.requotes].join(':'),
    events: async function* (request) {
      const after = positionAfter(request)
      const begun = Math.floor(after / plan.eventsPerRound)
      const isMidRound = after % plan.eventsPerRound > 0
      let round = isMidRound ? begun : plan.unlessOver(begun)
      for (; round < plan.rounds; round = plan.unlessOver(round + 1)) {
        let position = round * plan.eventsPerRound
        for (const draft of tellRound(plan, round)) {
          if (request.signal.aborted) return
          position += 1
          if (position > after) yield { ...draft, position }
        }
      }
    },
  }
}

type Plan = Required<
  Pick<SimulatorSettings, 'seed' | 'tickMs' | 'matches' | 'requotes' | 'clubs'>
> & {
  readonly startsAt: number
  readonly rounds: number
  readonly roundMs: number
  readonly eventsPerRound: number
  /** The round, or the one running now when it is over and such are to be left out. */
  unlessOver: (round: number) => number
}

/** A match lasts so many ticks: a demo shows results, and is soon open to bets again. */
const MATCH_TICKS = 4

function planOf(settings: SimulatorSettings): Plan {
  const { seed, startsAt, tickMs = 2000, matches = 4, requotes = 12, rounds = null } = settings
  const { phase = 0, clubs = SIMULATED_CLUBS } = settings
  check('seed', seed, { lowest: 0, highest: 2 ** 32 - 1 })
  check('tickMs', tickMs, { lowest: 1, highest: 86_400_000 })
  check('matches', matches, { lowest: 1, highest: clubs.length / 2 })
  check('requotes', requotes, { lowest: 1, highest: 1000 })
  check('rounds', rounds ?? 1, { lowest: 1, highest: 1_000_000 })
  check('startsAt', startsAt.getTime(), { lowest: 0, highest: 8_640_000_000_000 })
  const roundMs = (matches * SIMULATED_SOURCES.length * requotes + MATCH_TICKS + 2) * tickMs
  const begin = startsAt.getTime() + Math.floor(phase * roundMs)
  const running = () => {
    const elapsed = (settings.skipPast?.now().getTime() ?? begin) - begin
    return Math.floor(elapsed / roundMs)
  }
  return {
    ...{ seed, tickMs, matches, requotes, clubs, roundMs, startsAt: begin },
    rounds: rounds ?? Number.POSITIVE_INFINITY,
    eventsPerRound: matches * (2 + QUOTES_PER_CYCLE * (1 + requotes)),
    unlessOver: (round) => Math.max(round, running()),
  }
}

const QUOTES_PER_CYCLE = SIMULATED_SOURCES.reduce((sum, { laySpread }) => {
  const selections = fairChances({ home: 1, away: 1 }).length
  return sum + selections * (laySpread === null ? 1 : 2)
}, 0)

type Bounds = { readonly lowest: number; readonly highest: number }

function check(setting: keyof SimulatorSettings, value: number, { lowest, highest }: Bounds) {
  if (Number.isSafeInteger(value) && value >= lowest && value <= highest) return
  throw analyticsError('FEED_SETTING_INVALID', { setting })
}

type Match = { readonly fixture: FixtureSeen['fixture']; strengths: Strengths }

/** One round, made of nothing but the seed and its number: that is what makes skipping cheap. */
function* tellRound(plan: Plan, round: number): Generator<FeedDraft> {
  const random = createSeededRandom(plan.seed, round)
  const start = plan.startsAt + round * plan.roundMs
  const ticks = plan.matches * SIMULATED_SOURCES.length * plan.requotes
  const atTick = (tick: number) => new Date(start + tick * plan.tickMs)
  const matches = drawMatches(plan, { round, random, startsAt: atTick(ticks + 1) })
  for (const { fixture } of matches) yield { kind: 'fixture', fixture, at: atTick(0) }
  const pairs = matches.flatMap((match) => SIMULATED_SOURCES.map((source) => ({ match, source })))
  for (const { match, source } of pairs) yield* tellPrices(match, source, atTick(0))
  let tick = 0
  for (let cycle = 0; cycle < plan.requotes; cycle += 1) {
    for (const { match, source } of shuffled(pairs, random)) {
      tick += 1
      match.strengths = walk(match.strengths, random)
      yield* tellPrices(match, source, atTick(tick))
    }
  }
  for (const { fixture, strengths } of matches) {
    const score = {
      homeGoals: drawGoals(strengths.home, random),
      awayGoals: drawGoals(strengths.away, random),
    }
    yield { kind: 'result', fixture: keyOf(fixture), ...score, at: atTick(ticks + 1 + MATCH_TICKS) }
  }
}

type RoundFacts = { readonly round: number; readonly random: Random; readonly startsAt: Date }

function drawMatches(
  { seed, matches, clubs: all }: Plan,
  { round, random, startsAt }: RoundFacts,
): Match[] {
  const clubs = shuffled(all, random)
  return Array.from({ length: matches }, (_unused, index) => ({
    fixture: {
      source: NAME,
      externalId: `${seed}-${round}-${index}`,
      competition: SIMULATED_COMPETITION,
      season: null,
      home: String(clubs[2 * index]),
      away: String(clubs[2 * index + 1]),
      startsAt,
    },
    strengths: drawStrengths(random),
  }))
}

function tellPrices({ fixture, strengths }: Match, source: SimulatedSource, at: Date): FeedDraft[] {
  return quoteAll(source, strengths).map((price) => ({
    kind: 'quote',
    fixture: keyOf(fixture),
    ...price,
    at,
  }))
}

function keyOf({ source, externalId }: FixtureSeen['fixture']) {
  return { source, externalId }
}

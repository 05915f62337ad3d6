import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { PriceChange } from '../../entities/bet.ts'
import { CurrentPrice } from '../../entities/current-price.ts'
import type { Fixture } from '../../entities/fixture.ts'
import { Market } from '../../entities/market.ts'
import { Selection } from '../../entities/selection.ts'
import { analyticsError } from '../../errors.ts'
import { bestPrice } from '../consensus.ts'
import { AGGREGATE_SOURCES, MARKET_AVERAGE } from '../feeds/feed.ts'
import { type AskedLeg, checkCount } from './bet-input.ts'
import type { Answer, BetMemory, Footing } from './bet-memory.ts'
import { findLivingFixtures } from './living-feeds.ts'

/** A leg with what it is about. */
export type AnsweredLeg = Answer & {
  asked: AskedLeg
  /** From 1. */
  position: number
}

/** A leg as it stands now. */
export type StandingLeg = AnsweredLeg & Footing

/**
 * The back price of a source; without one the best of those who take bets themselves, else the market's average.
 * Null when nobody offers any.
 */
export function chooseOffer(
  prices: readonly CurrentPrice[],
  source: string | null,
): CurrentPrice | null {
  const backs = prices.filter(({ side }) => side === 'back')
  const ofSource = (name: string) => backs.find((price) => price.source === name) ?? null
  if (source !== null) return ofSource(source)
  const own = backs.filter((price) => !AGGREGATE_SOURCES.includes(price.source))
  return bestPrice(own, 'back') ?? ofSource(MARKET_AVERAGE)
}

const byId = <Row extends { id: string }>(rows: readonly Row[]) =>
  new Map(rows.map((row) => [row.id, row]))

const within = (ids: readonly string[]) => ({ $in: [...new Set(ids)] })

/** Has those of the selections that stand remembered, each with its market. */
async function learnAnswers(em: SqlEntityManager, memory: BetMemory, ids: readonly string[]) {
  const selections = await em.find(Selection, { id: within(ids) })
  const marketIds = selections.map(({ marketId }) => marketId)
  const markets = byId(await em.find(Market, { id: within(marketIds) }))
  for (const { id, name, marketId } of selections) {
    const market = markets.get(marketId)
    if (!market) continue
    const { fixtureId, type, line } = market
    memory.rememberAnswer({
      selection: { id, name },
      market: { id: marketId, fixtureId, type, line },
    })
  }
}

/** @throws SELECTION_NOT_FOUND with the leg's position */
export async function findAnswers(
  em: SqlEntityManager,
  memory: BetMemory,
  legs: readonly AskedLeg[],
): Promise<AnsweredLeg[]> {
  const ids = legs.map(({ selectionId }) => selectionId)
  const unknown = ids.filter((id) => memory.answerOf(id) === null)
  if (unknown.length > 0) await learnAnswers(em, memory, unknown)
  return legs.map((asked, index) => {
    const position = index + 1
    const answer = memory.answerOf(asked.selectionId)
    if (!answer) throw analyticsError('SELECTION_NOT_FOUND', { position })
    return { asked, position, ...answer }
  })
}

export const fixtureIdsOf = (answers: readonly AnsweredLeg[]) =>
  answers.map(({ market }) => market.fixtureId)

/**
 * The legs at the prices that stand.
 * @throws SELECTION_NOT_FOUND, QUOTE_NOT_FOUND with the leg's position
 */
export async function findStandingLegs(
  em: SqlEntityManager,
  answers: readonly AnsweredLeg[],
  { fixtures, now }: { fixtures: readonly Fixture[]; now: Date },
): Promise<StandingLeg[]> {
  const selectionIds = within(answers.map(({ selection }) => selection.id))
  const prices = await em.find(CurrentPrice, { selectionId: selectionIds })
  const living = await findLivingFixtures(em, fixtures, now)
  const fixtureOf = byId(fixtures)
  return answers.map((answer) => {
    const { asked, position, selection, market } = answer
    const fixture = fixtureOf.get(market.fixtureId)
    if (!fixture) throw analyticsError('SELECTION_NOT_FOUND', { position })
    const ofSelection = prices.filter((price) => price.selectionId === selection.id)
    const price = chooseOffer(ofSelection, asked.source)
    if (!price) throw analyticsError('QUOTE_NOT_FOUND', { position })
    return { ...answer, fixture, price, isFresh: living.has(fixture.id) }
  })
}

/** Whether a fixture still takes bets. */
export const isOpenForBets = ({ status, startsAt }: Footing['fixture'], now: Date) =>
  status === 'scheduled' && startsAt > now

const ACCEPTS: Readonly<Record<PriceChange, (asked: number, current: number) => boolean>> = {
  exact: (asked, current) => current === asked,
  better: (asked, current) => current >= asked,
  any: () => true,
}

type Asking = { maxLegs: number; priceChange: PriceChange; now: Date }

const folded = (name: string) => name.normalize('NFKC').trim().toLowerCase()

/** A game by what anybody calls it: two feeds that tell of one game have a fixture each. */
const gameOf = ({ home, away, startsAt }: Footing['fixture']) =>
  [folded(home), folded(away), startsAt.toISOString().slice(0, 10)].join('\n')

/** No two legs are about one game. @throws BET_LEGS_INVALID with the position of the later one */
function checkUnrelated(legs: readonly StandingLeg[]): void {
  const seen = new Set<string>()
  for (const { fixture, position } of legs) {
    const names = [fixture.id, gameOf(fixture)]
    if (names.some((name) => seen.has(name))) {
      throw analyticsError('BET_LEGS_INVALID', { reason: 'RELATED', position })
    }
    for (const name of names) seen.add(name)
  }
}

/** @throws BET_LEGS_INVALID with what is wrong, MARKET_CLOSED, QUOTE_STALE, PRICE_CHANGED with the odds that stand and the leg's position */
export function checkLegs(
  legs: readonly StandingLeg[],
  { maxLegs, priceChange, now }: Asking,
): void {
  checkCount(legs, maxLegs)
  checkUnrelated(legs)
  for (const { fixture, position, asked, price, isFresh } of legs) {
    if (!isOpenForBets(fixture, now)) throw analyticsError('MARKET_CLOSED', { position })
    if (!isFresh) throw analyticsError('QUOTE_STALE', { position })
    if (ACCEPTS[priceChange](asked.odds, price.odds)) continue
    throw analyticsError('PRICE_CHANGED', { position, currentOdds: price.odds })
  }
}

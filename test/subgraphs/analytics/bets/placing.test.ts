import { expect, test } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { Bet } from '#subgraphs/analytics/entities/bet.ts'
import { FeedRun } from '#subgraphs/analytics/entities/feed-run.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { LedgerEntry } from '#subgraphs/analytics/entities/ledger-entry.ts'
import { ACME_GUILD, countQueries } from '../analytics-kit.ts'
import { type Asked, type BettingWorld, openBetting, REFEREE, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const AWAY: Choice = 'one/match_result/0/away'
const OVER: Choice = 'two/over_under/2500/over'

/** Two games with prices, and a player with 100.00. */
async function openWorld(options: Parameters<typeof openBetting>[0] = {}) {
  const world = await openBetting(options)
  await world.tell(
    ...[game('one'), price(HOME, 2_100), price(AWAY, 3_400)],
    ...[game('two'), price(OVER, 1_900)],
  )
  const accountId = await world.fund(10_000)
  return { ...world, accountId }
}

type Stored = Pick<BettingWorld, 'database'>

const countBets = ({ database }: Stored) => database.acrossTenants().count(Bet, {})

/** Nothing of a refused bet is left: no bet, no entry beyond the deposit's two. */
async function expectNothing(world: Stored) {
  expect(await countBets(world)).toBe(0)
  expect(await world.database.acrossTenants().count(LedgerEntry, {})).toBe(2)
}

test('a bet at the price that stands is placed, booked, cleared and audited once', async () => {
  await using world = await openWorld()
  const { data, codes } = await world.place({ accountId: world.accountId, on: { [HOME]: 2_100 } })
  expect(codes).toEqual([])
  expect(data).toMatchObject({
    ...{ type: 'SINGLE', marketType: 'MATCH_RESULT', status: 'OPEN', outcome: null, odds: 2_100 },
    ...{ stake: { amount: '1000', currency: 'EUR' }, potentialPayout: { amount: '2100' } },
    legs: [{ position: 1, source: 'house', askedOdds: 2_100, odds: 2_100, outcome: 'OPEN' }],
  })
  expect(await world.moneyIn(world.accountId)).toEqual([9_000, 0, 0])
  expect(world.compliance.asked.at(-1)).toMatchObject({
    ...{ path: '/may-bet', userId: '21', guildId: ACME_GUILD, amount: '1000', currency: 'EUR' },
  })
  expect((await world.sent('compliance')).at(-1)).toEqual({
    ...{ kind: 'clearance.confirmed', clearanceId: '2', resource: `bet:${data.id}` },
  })
  expect((await world.sent('audit')).at(-1)).toMatchObject({
    ...{ action: 'bet.placed', resource: { type: 'bet', id: data.id } },
    details: { stake: '1000', currency: 'EUR', odds: 2_100, legs: 1 },
  })
})

test('a multiple stands at the product of its odds', async () => {
  await using world = await openWorld()
  const on = { [HOME]: 2_100, [OVER]: 1_900 }
  const { data } = await world.place({ accountId: world.accountId, on })
  expect(data).toMatchObject({
    ...{ type: 'MULTIPLE', marketType: 'MULTIPLE', odds: 3_990 },
    potentialPayout: { amount: '3990' },
    legs: [{ marketType: 'MATCH_RESULT' }, { marketType: 'OVER_UNDER', line: 2_500 }],
  })
})

test.each([
  [0, 'STAKE_INVALID'],
  [-5, 'STAKE_INVALID'],
  [10n ** 15n + 1n, 'STAKE_INVALID'],
  [99, 'STAKE_BELOW_LIMIT'],
  [100_001, 'STAKE_ABOVE_LIMIT'],
  [10_001, 'BALANCE_TOO_LOW'],
] as const)('a stake of %s answers %s and moves nothing', async (stake, code) => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, stake, on: { [HOME]: 2_100 } }
  expect((await world.place(asked)).codes).toEqual([code])
  await expectNothing(world)
})

test('stakes at both ends of the limits and of the balance are taken', async () => {
  await using world = await openWorld()
  const { accountId } = world
  expect((await world.place({ accountId, stake: 100, on: { [HOME]: 2_100 } })).codes).toEqual([])
  expect((await world.place({ accountId, stake: 9_900, on: { [HOME]: 2_100 } })).codes).toEqual([])
  expect(await world.moneyIn(accountId)).toEqual([0, 0, 0])
})

test('another currency answers KERNEL_CURRENCY_MISMATCH with both, a wrong one KERNEL_CURRENCY_INVALID', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  const codesOf = async (currency: string) => (await world.place({ ...asked, currency })).codes
  expect(await codesOf('GBP')).toEqual(['KERNEL_CURRENCY_MISMATCH'])
  const { details } = await world.place({ ...asked, currency: 'GBP' })
  expect(details).toEqual([{ expected: 'EUR', given: 'GBP' }])
  expect(await codesOf('eur')).toEqual(['KERNEL_CURRENCY_INVALID'])
  await expectNothing(world)
})

test('the account of somebody else, or of the house, answers ACCOUNT_NOT_FOUND', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  for (const who of ['otherPlayer', 'globexPlayer', 'cashier'] as const) {
    expect((await world.place(asked, who)).codes).toEqual(['ACCOUNT_NOT_FOUND'])
  }
  const { data } = await world.ask(REFEREE, '{ accounts { edges { node { id kind } } } }')
  const cash = data.accounts.edges.find(
    (edge: { node: { kind: string } }) => edge.node.kind === 'CASH',
  )
  for (const accountId of [cash.node.id, '4711', 'nonsense']) {
    expect((await world.place({ ...asked, accountId })).codes).toEqual(['ACCOUNT_NOT_FOUND'])
  }
  await expectNothing(world)
})

test('who may not place bets is refused the field', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  expect((await world.place(asked, 'spectator')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test.each([
  ['EXACT', 2_100, []],
  ['EXACT', 2_099, ['PRICE_CHANGED']],
  ['EXACT', 2_101, ['PRICE_CHANGED']],
  ['BETTER', 2_099, []],
  ['BETTER', 2_101, ['PRICE_CHANGED']],
  ['ANY', 9_999, []],
] as const)('a price that moved: %s at %d answers %j', async (priceChange, asked, codes) => {
  await using world = await openWorld()
  const answer = await world.place({
    accountId: world.accountId,
    priceChange,
    on: { [HOME]: asked },
  })
  expect(answer.codes).toEqual(codes)
  if (codes.length > 0) {
    expect(answer.details).toEqual([{ position: 1, currentOdds: 2_100 }])
    await expectNothing(world)
    return
  }
  expect(answer.data.legs).toMatchObject([{ askedOdds: asked, odds: 2_100 }])
})

test('in a guild with the stricter rules any price answers PRICE_POLICY_REFUSED', async () => {
  await using world = await openWorld({ guild: { complianceMode: true } })
  const asked: Asked = { accountId: world.accountId, on: { [HOME]: 2_100 }, priceChange: 'ANY' }
  expect((await world.place(asked)).codes).toEqual(['PRICE_POLICY_REFUSED'])
  await expectNothing(world)
  expect((await world.place({ ...asked, priceChange: 'BETTER' })).codes).toEqual([])
})

test('without a source the best price stands, summaries last; a named source gives its own', async () => {
  await using world = await openWorld()
  const { accountId } = world
  await world.tell(price(HOME, 2_300, 'rival'), price(HOME, 2_900, 'market-maximum'))
  const best = await world.place({ accountId, on: { [HOME]: 2_300 } })
  expect(best.data.legs[0]).toMatchObject({ source: 'rival', odds: 2_300 })
  const own = await world.place({ accountId, on: { [HOME]: 2_100 }, source: 'house' })
  expect(own.data.legs[0]).toMatchObject({ source: 'house', odds: 2_100 })
  const unknown = await world.place({ accountId, on: { [HOME]: 2_100 }, source: 'nobody' })
  expect(unknown.codes).toEqual(['QUOTE_NOT_FOUND'])
  await world.tell(price('two/both_score/0/yes', 1_700, 'market-average'))
  const average = await world.place({ accountId, on: { 'two/both_score/0/yes': 1_700 } })
  expect(average.data.legs[0]).toMatchObject({ source: 'market-average' })
  await world.tell(price('two/both_score/0/no', 1_700, 'market-maximum'))
  const none = await world.place({ accountId, on: { 'two/both_score/0/no': 1_700 } })
  expect(none.codes).toEqual(['QUOTE_NOT_FOUND'])
})

test('a game that began, ended or was abandoned answers MARKET_CLOSED', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const begun: Choice = 'begun/match_result/0/home'
  await world.tell(game('begun', -1), price(begun, 2_000))
  expect((await world.place({ accountId, on: { [begun]: 2_000 } })).codes).toEqual([
    'MARKET_CLOSED',
  ])
  await world.tell(result('one', 1, 0))
  expect((await world.place({ accountId, on: { [HOME]: 2_100 } })).codes).toEqual(['MARKET_CLOSED'])
  await world.abandon('two')
  const late = await world.place({ accountId, on: { [OVER]: 1_900 } })
  expect(late.codes).toEqual(['MARKET_CLOSED'])
  await expectNothing(world)
})

test('legs that are none, too many or of one game are refused, and which of these is said', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const whole = await world.toInput({ accountId, on: { [HOME]: 2_100 } })
  const placed = (legs: object[]) =>
    world.placeRaw({ ...whole, legs, idempotencyKey: `legs-${legs.length}-key` })
  const codesOf = async (legs: object[]) => (await placed(legs)).codes
  const [leg] = whole.legs
  const refused = (details: object) => ({ codes: ['BET_LEGS_INVALID'], details: [details] })
  expect(await placed([])).toMatchObject(refused({ reason: 'NONE' }))
  for (const [legs, maxLegs] of [
    [51, 50],
    [13, 12],
  ] as const) {
    const tooMany = refused({ reason: 'TOO_MANY', maxLegs })
    expect(await placed(Array(legs).fill(leg))).toMatchObject(tooMany)
  }
  const both = await world.place({
    ...{ accountId, on: { [OVER]: 1_900, [HOME]: 2_100, [AWAY]: 3_400 } },
  })
  expect(both).toMatchObject(refused({ reason: 'RELATED', position: 3 }))
  expect(await codesOf([{ ...leg, selectionId: '4711' }])).toEqual(['SELECTION_NOT_FOUND'])
  expect(await codesOf([{ ...leg, selectionId: 'nonsense' }])).toEqual(['SELECTION_NOT_FOUND'])
  expect(await codesOf([{ ...leg, odds: 1_000 }])).toEqual(['ODDS_INVALID'])
  await expectNothing(world)
})

test('one game told of by two feeds is one game: its legs are not for one bet', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const input = await world.toInput({ accountId, on: { [HOME]: 2_100, [OVER]: 1_900 } })
  const em = world.database.acrossTenants()
  const twin = await em.findOneOrFail(Fixture, { externalId: 'two' })
  const names = { home: ' ONE Home', away: 'One away' }
  Object.assign(twin, names, { competition: 'Premier League', source: 'elsewhere' })
  await em.flush()
  const related = await world.placeRaw(input)
  expect(related.codes).toEqual(['BET_LEGS_INVALID'])
  expect(related.details).toEqual([{ reason: 'RELATED', position: 2 }])
  twin.startsAt = new Date(twin.startsAt.getTime() + 86_400_000)
  await em.flush()
  expect((await world.placeRaw(input)).codes).toEqual([])
})

test('a price whose feed is paused, has ended or was silent for long answers QUOTE_STALE', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  const set = (facts: object) =>
    updateWhere(world.database.acrossTenants(), FeedRun, { where: { id: world.runId }, set: facts })
  const heard = (minutesAgo: number) => ({ updatedAt: new Date(Date.now() - minutesAgo * 60_000) })
  for (const facts of [{ isPaused: true }, { status: 'finished' } as const, heard(16)]) {
    await set(facts)
    const { codes, details } = await world.place(asked)
    expect([codes, details]).toEqual([['QUOTE_STALE'], [{ position: 1 }]])
    await set({ isPaused: false, status: 'running', ...heard(14) })
  }
  await expectNothing(world)
  expect((await world.place(asked)).codes).toEqual([])
})

test('a provider that only refuses gives no sign of life', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  await updateWhere(world.database.acrossTenants(), FeedRun, {
    ...{ where: { id: world.runId }, set: { updatedAt: new Date(Date.now() - 3_600_000) } },
  })
  const code = 'FEED_HTTP_UNREACHABLE'
  const refused = {
    kind: 'rejected',
    source: 'scripted',
    code,
    line: null,
    reason: 'timeout',
  } as const
  await world.tell({ ...refused, at: new Date() })
  expect((await world.place(asked)).codes).toEqual(['QUOTE_STALE'])
  await world.tell(price(HOME, 2_100))
  expect((await world.place(asked)).codes).toEqual([])
})

test('a game that begins while a bet waits for its turn answers MARKET_CLOSED', async () => {
  await using world = await openWorld()
  const kickOff = Date.now() + 3_000
  await world.tell(game('two', 3_000 / 3_600_000))
  const on = { [OVER]: 1_900 }
  const input = await world.toInput({ accountId: world.accountId, on })
  const asked = world.compliance.asked.length
  const cleared = Promise.withResolvers<void>()
  const turn = Promise.withResolvers<void>()
  world.compliance.behave({ yesAfter: cleared.promise })
  const placing = world.placeRaw(input)
  await expect.poll(() => world.compliance.asked.length).toBeGreaterThan(asked)
  const holding = transactional(world.database.acrossTenants(), () => turn.promise)
  cleared.resolve()
  await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(kickOff)
  turn.resolve()
  await holding
  expect((await placing).codes).toEqual(['MARKET_CLOSED'])
  await expectNothing(world)
})

test('a key again is the same bet and asks nobody; with another body it answers IDEMPOTENCY_KEY_REUSED', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 }, key: 'my-own-key' }
  const first = await world.place(asked)
  const questions = world.compliance.asked.length
  await world.tell(price(HOME, 1_500))
  const again = await world.place(asked)
  expect(again.data).toEqual(first.data)
  expect(world.compliance.asked).toHaveLength(questions)
  expect((await world.place({ ...asked, stake: 1_001 })).codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  expect((await world.place({ ...asked, key: 'short' })).codes).toEqual(['IDEMPOTENCY_KEY_INVALID'])
  expect(await countBets(world)).toBe(1)
  expect(await world.moneyIn(world.accountId)).toEqual([9_000, 0, 0])
})

test('while compliance does not answer nothing moves; its no has a reason', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, on: { [HOME]: 2_100 } }
  for (const manner of ['throws', { status: 500 }, { says: { answer: 'maybe' } }] as const) {
    world.compliance.behave(manner)
    expect((await world.place(asked)).codes).toEqual(['COMPLIANCE_UNAVAILABLE'])
  }
  world.compliance.behave({ answer: 'no', code: 'CONSENT_REQUIRED' })
  const refused = await world.place(asked)
  expect(refused.codes).toEqual(['COMPLIANCE_REFUSED'])
  expect(refused.details).toEqual([{ reason: 'CONSENT_REQUIRED' }])
  await expectNothing(world)
  world.compliance.behave({ answer: 'yes' })
  expect((await world.place(asked)).codes).toEqual([])
})

test('a clearance of a bet that was refused afterwards is released', async () => {
  await using world = await openWorld()
  const asked = { accountId: world.accountId, stake: 6_000, on: { [HOME]: 2_100 } }
  const questions = world.compliance.asked.length
  const cleared = Promise.withResolvers<void>()
  world.compliance.behave({ yesAfter: cleared.promise })
  const placing = Promise.all([world.place(asked), world.place(asked)])
  // Neither is booked before both were asked for.
  await expect.poll(() => world.compliance.asked.length).toBe(questions + 2)
  cleared.resolve()
  expect((await placing).flatMap(({ codes }) => codes)).toEqual(['BALANCE_TOO_LOW'])
  const kinds = (await world.sent('compliance')).map(({ kind }) => kind)
  expect(kinds.slice(1)).toEqual(['clearance.confirmed', 'clearance.released'])
})

test('a price that moved a moment after a bet on it is PRICE_CHANGED at once, and the new one is taken', async () => {
  await using world = await openWorld()
  const place = (odds: number) => world.place({ accountId: world.accountId, on: { [HOME]: odds } })
  expect((await place(2_100)).codes).toEqual([])
  await world.tell(price(HOME, 2_000))
  const late = await place(2_100)
  expect(late.codes).toEqual(['PRICE_CHANGED'])
  expect(late.details).toEqual([{ position: 1, currentOdds: 2_000 }])
  expect((await place(2_000)).codes).toEqual([])
  expect(await world.moneyIn(world.accountId)).toEqual([8_000, 0, 0])
  const kinds = (await world.sent('compliance')).map(({ kind }) => kind)
  // The first is the deposit's.
  expect(kinds.slice(2)).toEqual(['clearance.released', 'clearance.confirmed'])
})

test('a bet takes at most nineteen statements of analytics, three fewer where somebody just bet on the same', async () => {
  await using world = await openWorld()
  const place = () => world.place({ accountId: world.accountId, on: { [HOME]: 2_100 } })
  await place()
  expect([16, 19]).toContain(await countQueries(world.database, place))
})

test('a guild sets its limits; bets meet them, and bets that stand keep theirs', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const before = await world.place({ accountId, on: { [HOME]: 2_100 } })
  const limits = { minStake: '500', maxStake: '600', maxPayout: '700', maxLegs: 1 }
  const input = { guildId: ACME_GUILD, currency: 'EUR', ...limits, cashOutFeeBasisPoints: 0 }
  const set =
    'mutation ($input: SetBettingLimitInput!) { setBettingLimit(input: $input) { id maxLegs } }'
  expect((await world.ask(TRADER, set, { input })).codes).toEqual([])
  const place = (stake: number, on: Asked['on']) => world.place({ accountId, stake, on })
  expect((await place(499, { [HOME]: 2_100 })).details).toEqual([{ minStake: '500' }])
  expect((await place(601, { [HOME]: 2_100 })).details).toEqual([{ maxStake: '600' }])
  const double = await place(500, { [HOME]: 2_100, [OVER]: 1_900 })
  expect(double.codes).toEqual(['BET_LEGS_INVALID'])
  expect(double.details).toEqual([{ reason: 'TOO_MANY', maxLegs: 1 }])
  // 2.1 times 334 is 701.4; times 333 it is 699.3.
  const above = await world.ask(TRADER, set, { input: { ...input, minStake: '300' } })
  expect(above.codes).toEqual([])
  const refused = await place(334, { [HOME]: 2_100 })
  expect(refused.codes).toEqual(['PAYOUT_ABOVE_LIMIT'])
  expect(refused.details).toEqual([{ maxPayout: '700', maxStake: '333' }])
  const least = await world.ask(TRADER, set, { input: { ...input, minStake: '334' } })
  expect(least.codes).toEqual([])
  const none = await place(334, { [HOME]: 2_100 })
  expect(none.details).toEqual([{ maxPayout: '700', maxStake: null }])
  expect((await world.ask(TRADER, set, { input: { ...input, minStake: '300' } })).codes).toEqual([])
  expect((await place(333, { [HOME]: 2_100 })).data.potentialPayout).toEqual({ amount: '699' })
  expect((await world.bet(before.data.id)).potentialPayout).toEqual({ amount: '2100' })
  const query = `{ _entities(representations: [{ __typename: "Guild", id: "${ACME_GUILD}" }]) {
    ... on Guild { bettingLimits { currency maxStake { amount } } } } }`
  const shown = (await world.ask(TRADER, query)).data._entities[0].bettingLimits
  expect(shown).toEqual([{ currency: 'EUR', maxStake: { amount: '600' } }])
  const wrong = { ...input, maxPayout: '1' }
  expect((await world.ask(TRADER, set, { input: wrong })).codes).toEqual(['LIMIT_INVALID'])
  const foreign = { ...TRADER, reach: { kind: 'tenant', tenantId: '2' } as const }
  expect((await world.ask(foreign, set, { input })).codes).toEqual(['LIMIT_GUILD_FOREIGN'])
  expect((await world.ask(foreign, query)).data._entities[0].bettingLimits).toEqual([])
})

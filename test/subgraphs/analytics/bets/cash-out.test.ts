import { expect, test } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { FeedRun } from '#subgraphs/analytics/entities/feed-run.ts'
import { openBetting } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const OVER: Choice = 'two/over_under/2500/over'

/** Two games with prices, and a player with 100.00 who bet 10.00. */
async function openWorld(choices: readonly Choice[] = [HOME]) {
  const world = await openBetting()
  await world.tell(game('one'), price(HOME, 3_000), game('two'), price(OVER, 2_000))
  const accountId = await world.fund(10_000)
  const on = Object.fromEntries(choices.map((choice) => [choice, choice === HOME ? 3_000 : 2_000]))
  const { data } = await world.place({ accountId, on })
  const betId = data.id as string
  const offer = async () =>
    (await world.bet(betId, 'player', 'cashOutOffer { amount currency }')).cashOutOffer
  return { ...world, accountId, betId, offer }
}

test('a bet is worth stake × odds over current odds less the fee, and is paid that once', async () => {
  await using world = await openWorld()
  await world.tell(price(HOME, 2_000))
  expect(await world.offer()).toEqual({ amount: '1425', currency: 'EUR' })
  const cashed = await world.cashOut(world.betId, 1_425, 'player', 'cash-out-key')
  expect(cashed.data).toMatchObject({
    status: 'CASHED_OUT',
    outcome: 'CASHED_OUT',
    payout: { amount: '1425' },
  })
  expect(await world.moneyIn(world.accountId)).toEqual([10_425, 0, 0])
  const again = await world.cashOut(world.betId, 1_425, 'player', 'cash-out-key')
  expect(again.data).toEqual(cashed.data)
  const other = await world.cashOut(world.betId, 1_424, 'player', 'cash-out-key')
  expect(other.codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  const late = await world.cashOut(world.betId, 1_425)
  expect(late.codes).toEqual(['CASH_OUT_UNAVAILABLE'])
  expect(await world.offer()).toBeNull()
  expect((await world.sent('audit')).at(-1)).toMatchObject({
    ...{ action: 'bet.cashed_out', details: { payout: '1425' } },
  })
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('a key that another cash-out has answers IDEMPOTENCY_KEY_REUSED and pays nothing', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const { data } = await world.place({ accountId, on: { [HOME]: 3_000 } })
  await world.cashOut(world.betId, 1, 'player', 'cash-out-key')
  const other = await world.cashOut(data.id, 1, 'player', 'cash-out-key')
  expect(other.codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  expect((await world.bet(data.id)).status).toBe('OPEN')
})

test('a worth that fell answers CASH_OUT_CHANGED with what it is; one that grew is paid', async () => {
  await using world = await openWorld()
  await world.tell(price(HOME, 4_000))
  const fell = await world.cashOut(world.betId, 950)
  expect(fell.codes).toEqual(['CASH_OUT_CHANGED'])
  expect(fell.details).toEqual([{ currentAmount: '712' }])
  await world.tell(price(HOME, 2_000))
  expect((await world.cashOut(world.betId, 950)).data.payout).toEqual({ amount: '1425' })
})

test('less than nothing is no amount: AMOUNT_INVALID, and the bet stays open', async () => {
  await using world = await openWorld()
  expect((await world.cashOut(world.betId, -1)).codes).toEqual(['AMOUNT_INVALID'])
  expect((await world.bet(world.betId)).status).toBe('OPEN')
  expect((await world.cashOut(world.betId, 0)).data.payout).toEqual({ amount: '950' })
})

test('a price whose feed is paused or silent is no base for an offer', async () => {
  await using world = await openWorld()
  const set = (facts: object) =>
    updateWhere(world.database.acrossTenants(), FeedRun, { where: { id: world.runId }, set: facts })
  const heard = (minutesAgo: number) => ({ updatedAt: new Date(Date.now() - minutesAgo * 60_000) })
  for (const facts of [{ isPaused: true }, { status: 'finished' } as const, heard(16)]) {
    await set(facts)
    expect(await world.offer()).toBeNull()
    expect((await world.cashOut(world.betId, 1)).codes).toEqual(['CASH_OUT_UNAVAILABLE'])
    await set({ isPaused: false, status: 'running', ...heard(14) })
    expect(await world.offer()).toEqual({ amount: '950', currency: 'EUR' })
  }
})

test('legs that are settled count what they paid; what waits to be settled is no offer', async () => {
  await using world = await openWorld([HOME, OVER])
  expect(await world.offer()).toEqual({ amount: '950', currency: 'EUR' })
  await world.begin('one')
  await world.tell(result('one', 1, 0))
  expect(await world.offer()).toBeNull()
  expect((await world.cashOut(world.betId, 1)).codes).toEqual(['CASH_OUT_UNAVAILABLE'])
  await world.settle()
  expect(await world.offer()).toEqual({ amount: '2850', currency: 'EUR' })
  await world.correct('one', 0, 0)
  expect(await world.offer()).toBeNull()
  await world.settle()
  expect((await world.bet(world.betId)).outcome).toBe('LOST')
})

test('what was cashed out is final: later results mark its legs and move nothing', async () => {
  await using world = await openWorld()
  await world.cashOut(world.betId, 1)
  const money = await world.moneyIn(world.accountId)
  await world.tell(result('one', 1, 0))
  await world.settle()
  expect(await world.bet(world.betId)).toMatchObject({
    ...{ status: 'CASHED_OUT', outcome: 'CASHED_OUT', legs: [{ outcome: 'WON' }] },
  })
  expect(await world.moneyIn(world.accountId)).toEqual(money)
})

test('a game that moved to the past, and a bet of somebody else, cannot be cashed out', async () => {
  await using world = await openWorld()
  for (const who of ['otherPlayer', 'globexPlayer', 'cashier'] as const) {
    expect((await world.cashOut(world.betId, 1, who)).codes).toEqual(['BET_NOT_FOUND'])
  }
  expect((await world.cashOut('4711', 1)).codes).toEqual(['BET_NOT_FOUND'])
  expect((await world.cashOut('nonsense', 1)).codes).toEqual(['BET_NOT_FOUND'])
  await world.tell(game('one', -1))
  expect(await world.offer()).toBeNull()
  expect((await world.cashOut(world.betId, 1)).codes).toEqual(['CASH_OUT_UNAVAILABLE'])
})

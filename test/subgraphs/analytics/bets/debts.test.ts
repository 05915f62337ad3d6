import { expect, test } from 'vitest'
import { Hold } from '#subgraphs/analytics/entities/hold.ts'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import type { Who } from '../analytics-kit.ts'
import { eur } from '../ledger/ledger-kit.ts'
import { openBetting } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'

/** A player who won 200.00 by a result that will be corrected. */
async function openWorld() {
  const world = await openBetting()
  await world.tell(game('one'), price(HOME, 2_000))
  const accountId = await world.fund(10_000)
  const { data } = await world.place({ accountId, stake: 10_000, on: { [HOME]: 2_000 } })
  await world.tell(result('one', 1, 0))
  await world.settle()
  const withdraw = async (amount: number): Promise<string> => {
    const asked = { accountId, money: eur(amount) }
    return (await world.act('player', 'requestWithdrawal', asked)).data.id
  }
  const codesOf = async (...call: Parameters<typeof world.act>) => (await world.act(...call)).codes
  const correct = async () => {
    await world.tell(result('one', 0, 1))
    await world.settle()
  }
  const statuses = async () => {
    const holds = await world.database.acrossTenants().find(Hold, {}, { orderBy: { id: 'asc' } })
    return holds.map(({ status }) => status)
  }
  return { ...world, ...{ accountId, betId: data.id, withdraw, codesOf, correct, statuses } }
}

test('winnings that are being withdrawn when they are taken back do not leave: withdrawals are cancelled', async () => {
  await using world = await openWorld()
  await world.withdraw(12_000)
  await world.withdraw(8_000)
  expect(await world.moneyIn(world.accountId)).toEqual([0, 20_000, 0])
  await world.correct()
  expect(await world.statuses()).toEqual(['released', 'released'])
  expect(await world.moneyIn(world.accountId)).toEqual([0, 0, 0])
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('no more withdrawals are cancelled than it takes, the newest first, each told and audited', async () => {
  await using world = await openWorld()
  const old = await world.withdraw(2_000)
  await world.act('cashier', 'deposit', { accountId: world.accountId, money: eur(5_000) })
  const kept = await world.withdraw(3_000)
  const newest = await world.withdraw(9_000)
  // 11000 are free and 20000 are taken back: the newest withdrawal covers what is missing.
  await world.correct()
  expect(await world.statuses()).toEqual(['open', 'open', 'released'])
  expect(await world.moneyIn(world.accountId)).toEqual([0, 5_000, 0])
  const audited = (await world.sent('audit')).filter(
    ({ action }) => action === 'withdrawal.cancelled',
  )
  expect(audited).toMatchObject([
    { resource: { type: 'hold', id: newest }, details: { betId: world.betId, amount: '9000' } },
  ])
  const em = world.database.acrossTenants()
  const [released] = await em.find(Transfer, { holdId: newest, kind: 'release' })
  expect(released).toMatchObject({ actorId: null, userId: '21' })
  for (const holdId of [old, kept]) {
    expect(await world.codesOf('cashier', 'completeWithdrawal', { holdId })).toEqual([])
  }
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('what is left of a cancelled withdrawal is the player’s again', async () => {
  await using world = await openWorld()
  await world.act('cashier', 'deposit', { accountId: world.accountId, money: eur(5_000) })
  await world.withdraw(25_000)
  await world.correct()
  expect(await world.moneyIn(world.accountId)).toEqual([5_000, 0, 0])
})

test('what is frozen, under review or paid out is not taken: it becomes a debt', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const frozen = await world.withdraw(3_000)
  await world.act('officer', 'freezeHold', { holdId: frozen, reason: 'looks odd' })
  await world.act('cashier', 'holdFunds', { accountId, money: eur(2_000) })
  const paid = await world.withdraw(1_000)
  await world.act('cashier', 'completeWithdrawal', { holdId: paid })
  await world.withdraw(4_000)
  await world.correct()
  expect(await world.statuses()).toEqual(['open', 'open', 'completed', 'released'])
  expect(await world.moneyIn(accountId)).toEqual([0, 5_000, -6_000])
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('who owes withdraws nothing, whoever asks and pays: DEBT_OPEN, until a payout has repaid it', async () => {
  await using world = await openWorld()
  const { accountId, codesOf } = world
  const frozen = await world.withdraw(3_000)
  await world.act('officer', 'freezeHold', { holdId: frozen, reason: 'looks odd' })
  await world.correct()
  expect(await world.moneyIn(accountId)).toEqual([0, 3_000, -3_000])
  await world.act('officer', 'thawHold', { holdId: frozen, reason: 'explained' })
  // A deposit is stake money: it repays nothing.
  await world.act('cashier', 'deposit', { accountId, money: eur(2_000) })
  expect(await world.moneyIn(accountId)).toEqual([2_000, 3_000, -3_000])
  const asked = { accountId, money: eur(100) }
  for (const who of ['player', 'cashier'] as readonly Who[]) {
    const refused = await world.act(who, 'requestWithdrawal', asked)
    expect(refused).toMatchObject({ codes: ['DEBT_OPEN'], details: [{ debt: '-3000' }] })
  }
  expect(await codesOf('cashier', 'completeWithdrawal', { holdId: frozen })).toEqual(['DEBT_OPEN'])
  expect(await codesOf('cashier', 'holdFunds', asked)).toEqual([])
  await world.tell(result('one', 2, 1))
  await world.settle()
  expect(await world.moneyIn(accountId)).toEqual([18_900, 3_100, 0])
  expect(await codesOf('cashier', 'completeWithdrawal', { holdId: frozen })).toEqual([])
  expect(await codesOf('player', 'requestWithdrawal', asked)).toEqual([])
})

test('a debt in one currency keeps no withdrawal of another back', async () => {
  await using world = await openWorld()
  const pounds = await world.openAccount('player', { currency: 'GBP' })
  const money = { amount: '500', currency: 'GBP' }
  await world.act('cashier', 'deposit', { accountId: pounds, money })
  const holdId = await world.withdraw(20_000)
  await world.act('cashier', 'completeWithdrawal', { holdId })
  await world.correct()
  expect(await world.moneyIn(world.accountId)).toEqual([0, 0, -20_000])
  const input = { accountId: pounds, money }
  expect(await world.codesOf('player', 'requestWithdrawal', input)).toEqual([])
})

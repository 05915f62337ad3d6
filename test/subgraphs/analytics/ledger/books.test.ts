import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reach } from '#kernel/auth/viewer.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { Account, type AccountKind } from '#subgraphs/analytics/entities/account.ts'
import { LedgerEntry } from '#subgraphs/analytics/entities/ledger-entry.ts'
import { creditLines, debit } from '#subgraphs/analytics/services/ledger/debt.ts'
import { type CheckBounds, checkLedger } from '#subgraphs/analytics/services/ledger/ledger-check.ts'
import { type Posting, post } from '#subgraphs/analytics/services/ledger/post.ts'
import type { AnalyticsRequest } from '#subgraphs/analytics/services/request.ts'
import { ACME_GUILD, userOf, VIEWERS } from '../analytics-kit.ts'
import { eur, type LedgerWorld, openLedger } from './ledger-kit.ts'
import { refusesChanges } from './refuses-changes.ts'

const wallet = { place: { tenantId: '1', guildId: ACME_GUILD }, userId: '21', currency: 'EUR' }
const at = new Date('2026-03-01T12:00:00.000Z')
const booked = { ...wallet, actorId: null, at } as const

const inTransaction = <Result>(
  { database }: LedgerWorld,
  work: (tx: SqlEntityManager) => Promise<Result>,
) => transactional(database.acrossTenants(), work)

const postAlone = (world: LedgerWorld, posting: Pick<Posting, 'kind' | 'lines'>) =>
  inTransaction(world, (tx) => post(tx, { ...booked, ...posting }))

const balanceOf = async ({ database }: LedgerWorld, kind: AccountKind) =>
  (await database.acrossTenants().findOne(Account, { kind }))?.balance

test('a booking whose lines do not sum to zero is a fault and leaves nothing', async () => {
  await using world = await openLedger()
  const lines = [{ kind: 'player', amount: 5n } as const]
  await expect(postAlone(world, { kind: 'deposit', lines })).rejects.toThrow('sum to zero')
  expect(await world.database.acrossTenants().count(LedgerEntry, {})).toBe(0)
})

test('what a person no longer has they owe, and what comes next repays it first', async () => {
  await using world = await openLedger()
  const take = (amount: bigint) =>
    inTransaction(world, async (tx) => {
      const { lines } = await debit(tx, wallet, { amount, at })
      const result = { kind: 'result', amount } as const
      await post(tx, { ...booked, kind: 'reversal', lines: [...lines, result] })
    })
  const pay = (amount: bigint) =>
    inTransaction(world, async (tx) => {
      const lines = await creditLines(tx, wallet, { amount, at })
      const result = { kind: 'result', amount: -amount } as const
      await post(tx, { ...booked, kind: 'payout', lines: [...lines, result] })
    })
  const stand = async () => [await balanceOf(world, 'player'), await balanceOf(world, 'debt')]
  await pay(100n)
  expect(await stand()).toEqual([100n, 0n])
  await take(130n)
  expect(await stand()).toEqual([0n, -30n])
  await pay(20n)
  expect(await stand()).toEqual([0n, -10n])
  await pay(25n)
  expect(await stand()).toEqual([15n, 0n])
  expect(await world.check()).toEqual([
    { currency: 'EUR', sum: '0', accounts: 2, broken: [], isWhole: true },
  ])
})

test('the database itself refuses to change entries or take them away, and its schema has not drifted', async () => {
  await using world = await openLedger()
  await world.fund(500)
  expect(await refusesChanges(world.database, 'ledger_entries')).toEqual({
    update: true,
    delete: true,
  })
  expect(await schemaDrift(world.database)).toEqual([])
})

test('a balance changed behind the books is found by the check', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  await inTransaction(world, async (tx) => {
    const account = await tx.findOneOrFail(Account, { id: accountId })
    account.balance = 501n
  })
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [accountId] }])
})

test('the books are checked for the platform or a whole tenant: for less it is LEDGER_CHECK_REFUSED', async () => {
  await using world = await openLedger()
  await world.fund(500)
  const query = '{ ledgerCheck { sum isWhole } }'
  const reader = (reach: Reach) => userOf(reach, ['money:read'])
  const whole = { ledgerCheck: [{ sum: '0', isWhole: true }] }
  expect((await world.ask(reader({ kind: 'platform' }), query)).data).toEqual(whole)
  expect((await world.ask(reader({ kind: 'tenant', tenantId: '1' }), query)).data).toEqual(whole)
  const elsewhere = await world.ask(reader({ kind: 'tenant', tenantId: '2' }), query)
  expect(elsewhere.data).toEqual({ ledgerCheck: [] })
  for (const reach of [VIEWERS.player.reach, { kind: 'none' } as const]) {
    expect((await world.ask(reader(reach), query)).codes).toEqual(['LEDGER_CHECK_REFUSED'])
  }
})

/** The check as the service runs it, with bounds of a test. */
const checkWithin = (world: LedgerWorld, bounds: CheckBounds, signal: AbortSignal) => {
  const read = () => world.database.acrossTenants()
  const viewer = userOf({ kind: 'platform' }, ['money:read'])
  return checkLedger({ viewer, read } as unknown as AnalyticsRequest, signal, bounds)
}

test('the check goes page by page to its bounds, says when it did not see all, and ends with its asker', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  await world.fund(300, 'otherPlayer')
  for (let count = 0; count < 5; count++) {
    await world.act('player', 'requestWithdrawal', { accountId, money: eur(10) })
  }
  const bounds = { transfersAtOnce: 2, mostTransfers: 10, accountsAtOnce: 2, mostAccounts: 10 }
  const { signal } = new AbortController()
  const check = (changed: Partial<CheckBounds>) =>
    checkWithin(world, { ...bounds, ...changed }, signal)
  const sound = { currency: 'EUR', sum: 0n, broken: [], accounts: 6 }
  expect(await check({})).toEqual([{ ...sound, isWhole: true }])
  expect(await check({ transfersAtOnce: 7, mostTransfers: 7 })).toMatchObject([{ isWhole: true }])
  expect(await check({ mostTransfers: 6 })).toEqual([{ ...sound, isWhole: false }])
  expect(await check({ mostAccounts: 4 })).toEqual([{ ...sound, accounts: 4, isWhole: false }])
  await expect(checkWithin(world, bounds, AbortSignal.abort())).rejects.toThrow('aborted')
})

test('the house’s balance is a sum that an index alone answers', async () => {
  await using world = await openLedger()
  await world.fund(500)
  const sql =
    'explain query plan select sum(amount) from ledger_entries where account_id in (1, 2) group by account_id'
  const plan = await world.database.acrossTenants().getConnection().execute(sql)
  expect(JSON.stringify(plan)).toContain('COVERING INDEX idx_entry_amount')
})

type Step = {
  act: 'deposit' | 'withdraw' | 'review' | 'adjust' | 'end'
  amount: number
  pick: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('deposit', 'withdraw', 'review', 'adjust', 'end'),
    amount: fc.integer({ min: -300, max: 1_000 }),
    pick: fc.nat(1_000),
  }),
  { minLength: 1, maxLength: 25 },
)

const ENDS = ['releaseHold', 'captureHold', 'completeWithdrawal'] as const

/** Plays the steps and keeps its own account of what is free, held and gone. */
async function play(world: LedgerWorld, accountId: string, played: readonly Step[]) {
  let [free, held] = [0, 0]
  const open: { id: string; amount: number; purpose: string }[] = []
  for (const { act, amount, pick } of played) {
    const money = eur(amount)
    if (act === 'deposit') {
      const { codes } = await world.act('cashier', 'deposit', { accountId, money })
      if (codes.length === 0) free += amount
      expect(codes.length === 0).toBe(amount > 0)
    } else if (act === 'adjust') {
      const input = { accountId, money, reason: 'counted' }
      const { codes } = await world.act('cashier', 'adjustBalance', input)
      expect(codes.length === 0).toBe(amount !== 0 && free + amount >= 0)
      if (codes.length === 0) free += amount
    } else if (act === 'end') {
      const [hold] = open.length === 0 ? [] : open.splice(pick % open.length, 1)
      const end = ENDS[pick % 3] as (typeof ENDS)[number]
      if (!hold) continue
      const { codes } = await world.act('cashier', end, { holdId: hold.id })
      if (codes.length > 0) {
        expect([codes, hold.purpose]).toEqual([['HOLD_PURPOSE_OTHER'], 'review'])
        open.push(hold)
        continue
      }
      held -= hold.amount
      if (end === 'releaseHold') free += hold.amount
    } else {
      const purpose = act === 'withdraw' ? 'withdrawal' : 'review'
      const name = act === 'withdraw' ? 'requestWithdrawal' : 'holdFunds'
      const { data, codes } = await world.act('cashier', name, { accountId, money })
      expect(codes.length === 0).toBe(amount > 0 && amount <= free)
      if (codes.length > 0) continue
      open.push({ id: data.id, amount, purpose })
      free -= amount
      held += amount
    }
  }
  return [free, held, 0]
}

test('whatever is booked in whatever order, the books balance and agree with a second account of them', async () => {
  await using world = await openLedger()
  let people = 100
  await fc.assert(
    fc.asyncProperty(steps, async (played) => {
      const userId = String(++people)
      const input = { userId, guildId: ACME_GUILD }
      const accountId = await world.openAccount('cashier', input)
      const expected = await play(world, accountId, played)
      expect(await world.moneyIn(accountId)).toEqual(expected)
      expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
    }),
    { numRuns: 25 },
  )
})

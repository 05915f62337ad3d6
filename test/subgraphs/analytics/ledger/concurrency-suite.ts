import { describe, expect, test } from 'vitest'
import { transactional } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import { Hold } from '#subgraphs/analytics/entities/hold.ts'
import { LedgerEntry } from '#subgraphs/analytics/entities/ledger-entry.ts'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { creditLines, debit } from '#subgraphs/analytics/services/ledger/debt.ts'
import { post } from '#subgraphs/analytics/services/ledger/post.ts'
import { ACME_GUILD } from '../analytics-kit.ts'
import { eur, type LedgerWorld, newKey } from './ledger-kit.ts'

const wallet = { place: { tenantId: '1', guildId: ACME_GUILD }, userId: '21', currency: 'EUR' }

/** A stake as a bet books it. @returns its code when it was refused */
const stake = ({ database }: LedgerWorld, amount: bigint): Promise<string | null> =>
  transactional(database.acrossTenants(), (tx) =>
    post(tx, {
      ...{ ...wallet, kind: 'stake', actorId: '21', at: new Date() },
      lines: [
        { kind: 'player', amount: -amount },
        { kind: 'open_stakes', amount },
      ],
    }),
  ).then(
    () => null,
    (failure: unknown) => {
      if (isDomainError(failure)) return failure.code
      throw failure
    },
  )

const countOf = (answers: readonly unknown[], wanted: unknown) =>
  answers.filter((answer) => answer === wanted).length

/** What must hold on every engine when many book at once. */
export function describeConcurrency(
  engine: string,
  open: () => Promise<LedgerWorld & AsyncDisposable>,
) {
  describe(`${engine}: many at once`, () => {
    test('fifty stakes and fifty withdrawals beyond one balance never take it below zero', async () => {
      await using world = await open()
      const accountId = await world.fund(1_000)
      const stakes = Array.from({ length: 50 }, () => stake(world, 30n))
      const withdrawals = Array.from({ length: 50 }, async () => {
        const input = { accountId, money: eur(70) }
        const { codes } = await world.act('player', 'requestWithdrawal', input)
        return codes[0] ?? null
      })
      const staked = await Promise.all(stakes)
      const withdrawn = await Promise.all(withdrawals)
      const [free, held] = await world.moneyIn(accountId)
      const taken = countOf(staked, null) * 30 + countOf(withdrawn, null) * 70
      expect([free, held]).toEqual([1_000 - taken, countOf(withdrawn, null) * 70])
      expect(free).toBeGreaterThanOrEqual(0)
      expect(free).toBeLessThan(30)
      const refused = [...staked, ...withdrawn].filter((code) => code !== null)
      expect(new Set(refused)).toEqual(new Set(['BALANCE_TOO_LOW']))
      const below = await world.database
        .acrossTenants()
        .count(LedgerEntry, { balanceAfter: { $lt: 0n } })
      expect(below).toBe(0)
      expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
    })

    test('twenty deposits of one key at once are one transfer with one answer', async () => {
      await using world = await open()
      const accountId = await world.openAccount('player')
      const input = { accountId, money: eur(700), idempotencyKey: newKey() }
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.act('cashier', 'deposit', input)),
      )
      expect(answers.flatMap(({ codes }) => codes)).toEqual([])
      expect(new Set(answers.map(({ data }) => data.id)).size).toBe(1)
      expect(await world.database.acrossTenants().count(Transfer, {})).toBe(1)
      expect(await world.moneyIn(accountId)).toEqual([700, 0, 0])
      const said = await world.sent('compliance')
      const confirmed = said.filter(({ kind }) => kind === 'clearance.confirmed')
      expect(confirmed).toHaveLength(1)
      expect(said).toHaveLength(world.compliance.asked.length)
    })

    test('releasing, capturing and paying out one withdrawal at once does one of them', async () => {
      await using world = await open()
      const accountId = await world.fund(1_000)
      const { data } = await world.act('player', 'requestWithdrawal', {
        accountId,
        money: eur(400),
      })
      const ends = ['releaseHold', 'captureHold', 'completeWithdrawal'] as const
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_unused, index) =>
          world.act('cashier', ends[index % 3] as (typeof ends)[number], { holdId: data.id }),
        ),
      )
      const done = answers.filter(({ codes }) => codes.length === 0)
      expect(done).toHaveLength(1)
      expect(new Set(answers.flatMap(({ codes }) => codes))).toEqual(new Set(['HOLD_ENDED']))
      const [free] = await world.moneyIn(accountId)
      expect(free).toBe(done[0]?.data.status === 'RELEASED' ? 1_000 : 600)
      expect(await world.database.acrossTenants().count(Hold, { status: 'open' })).toBe(0)
      expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
    })

    test('withdrawals asked for, paid out and cancelled while money is taken back: nobody owes beside an open one', async () => {
      await using world = await open()
      const accountId = await world.fund(1_000)
      const money = eur(100)
      const takeBack = (amount: bigint) =>
        transactional(world.database.acrossTenants(), async (tx) => {
          const at = new Date()
          const { lines } = await debit(tx, wallet, { amount, at })
          const posting = { ...wallet, kind: 'reversal', actorId: null, at } as const
          await post(tx, { ...posting, lines: [...lines, { kind: 'result', amount }] })
        })
      const ask = () => world.act('player', 'requestWithdrawal', { accountId, money })
      const asked = await Promise.all(Array.from({ length: 6 }, ask))
      const [first, second, third] = asked.map(({ data }) => ({ holdId: data.id }))
      const endings = await Promise.all([
        ...[1, 2, 3].map(() => takeBack(300n).then(() => null)),
        ...Array.from({ length: 3 }, ask),
        world.act('cashier', 'completeWithdrawal', first ?? {}),
        world.act('cashier', 'releaseHold', second ?? {}),
        world.act('player', 'releaseHold', third ?? {}),
      ])
      const codes = new Set(endings.flatMap((ending) => ending?.codes ?? []))
      const allowed = new Set(['BALANCE_TOO_LOW', 'DEBT_OPEN', 'HOLD_ENDED'])
      expect([...codes].filter((code) => !allowed.has(code))).toEqual([])
      const holds = await world.database.acrossTenants().find(Hold, {})
      const paid = holds.filter(({ status }) => status === 'completed').length * 100
      const [free = 0, held = 0, debt = 0] = await world.moneyIn(accountId)
      expect(free + held + debt).toBe(1_000 - 900 - paid)
      expect(holds.filter(({ status }) => status === 'open').length * 100).toBe(held)
      expect(debt === 0 || free + held === 0).toBe(true)
      expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
    })

    test('payouts and reversals of one person at once leave exactly their sum', async () => {
      await using world = await open()
      const accountId = await world.fund(100)
      const at = new Date()
      const pay = (amount: bigint) =>
        transactional(world.database.acrossTenants(), async (tx) => {
          const isPaid = amount > 0n
          const size = isPaid ? amount : -amount
          const asked = { amount: size, at }
          const lines = isPaid
            ? await creditLines(tx, wallet, asked)
            : (await debit(tx, wallet, asked)).lines
          await post(tx, {
            ...{ ...wallet, kind: isPaid ? 'payout' : 'reversal', actorId: null, at },
            lines: [...lines, { kind: 'result', amount: -amount }],
          })
        })
      const amounts = Array.from({ length: 40 }, (_unused, index) =>
        index % 2 === 0 ? -90n : BigInt(index),
      )
      await Promise.all(amounts.map(pay))
      const sum = amounts.reduce((total, amount) => total + amount, 100n)
      const [free = 0, , debt = 0] = await world.moneyIn(accountId)
      expect(free + debt).toBe(Number(sum))
      expect(free === 0 || debt === 0).toBe(true)
      expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
    })
  })
}

import { describe, expect, test } from 'vitest'
import { Bet } from '#subgraphs/analytics/entities/bet.ts'
import { BettingLimit } from '#subgraphs/analytics/entities/betting-limit.ts'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { ACME_GUILD, type WorldOptions } from '../analytics-kit.ts'
import { type BettingWorld, openBetting, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const OVER: Choice = 'two/over_under/2500/over'

const times = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_unused, index) => work(index)))

async function openWorld(options: WorldOptions) {
  const world = await openBetting(options)
  await world.tell(game('one'), price(HOME, 2_000), game('two'), price(OVER, 3_000))
  return world
}

const all = ({ database }: Pick<BettingWorld, 'database'>) =>
  database.acrossTenants().find(Bet, {}, { orderBy: { id: 'asc' } })

/** The books are whole, and nobody has more or less than their entries say. */
async function expectBalanced({ check }: Pick<BettingWorld, 'check'>) {
  expect(await check()).toMatchObject([{ sum: '0', broken: [] }])
}

/** What holds however many places act at once, on any engine. */
export function describeBetRaces(
  engine: string,
  open: () => Promise<{ options: WorldOptions } & AsyncDisposable>,
): void {
  describe(`${engine}: bets at once`, { timeout: 120_000 }, () => {
    test('fifty stakes against a balance for ten are ten bets; nothing is overdrawn', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const accountId = await world.fund(1_000)
      const asked = { accountId, stake: 100, on: { [HOME]: 2_000 } }
      const answers = await times(50, () => world.place(asked))
      const codes = answers.flatMap((answer) => answer.codes)
      expect(codes).toEqual(Array(40).fill('BALANCE_TOO_LOW'))
      expect(await world.moneyIn(accountId)).toEqual([0, 0, 0])
      expect(await all(world)).toHaveLength(10)
      await expectBalanced(world)
    })

    test('one key twenty times at once is one bet; with other bodies the others are refused', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const accountId = await world.fund(10_000)
      const on = { [HOME]: 2_000 }
      const same = await times(20, () => world.place({ accountId, on, key: 'twenty-times' }))
      expect(same.flatMap(({ codes }) => codes)).toEqual([])
      expect(new Set(same.map(({ data }) => data.id)).size).toBe(1)
      const others = await times(20, (index) =>
        world.place({ accountId, stake: 100 + index, on, key: 'many-bodies' }),
      )
      expect(others.flatMap(({ codes }) => codes)).toEqual(Array(19).fill('IDEMPOTENCY_KEY_REUSED'))
      expect(await all(world)).toHaveLength(2)
      await expectBalanced(world)
    })

    test('two settlers and a correction at once settle each bet by the last result', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const accounts = [await world.fund(10_000), await world.fund(10_000, 'otherPlayer')]
      for (const [index, who] of (['player', 'otherPlayer'] as const).entries()) {
        const accountId = accounts[index] ?? ''
        for (let count = 0; count < 8; count++) {
          const on = count % 2 === 0 ? { [HOME]: 2_000 } : { [HOME]: 2_000, [OVER]: 3_000 }
          await world.place({ accountId, stake: 100, on }, who)
        }
      }
      await world.begin('two')
      await world.tell(result('one', 1, 0), result('two', 3, 0))
      const other = world.settlerOn(world.database)
      const { signal } = new AbortController()
      await Promise.all([world.settle(), other.settleDue(signal), world.correct('two', 0, 0)])
      await Promise.all([world.settle(), other.settleDue(signal)])
      expect((await all(world)).map(({ outcome }) => outcome)).toEqual(
        Array(8).fill(['won', 'lost']).flat(),
      )
      for (const accountId of accounts) {
        expect(await world.moneyIn(accountId)).toEqual([10_000 - 800 + 4 * 200, 0, 0])
      }
      await expectBalanced(world)
    })

    test('a result that comes while bets are placed leaves none of them open', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const accountId = await world.fund(10_000)
      const [answers] = await Promise.all([
        times(20, () => world.place({ accountId, stake: 100, on: { [HOME]: 2_000 } })),
        world.tell(result('one', 1, 0)).then(world.settle),
      ])
      await world.settle()
      const refused = answers.flatMap(({ codes }) => codes)
      expect(new Set(refused).size).toBeLessThanOrEqual(1)
      const bets = await all(world)
      expect(bets.length + refused.length).toBe(20)
      expect(bets.every(({ status, outcome }) => status === 'settled' && outcome === 'won')).toBe(
        true,
      )
      expect(await world.moneyIn(accountId)).toEqual([10_000 + bets.length * 100, 0, 0])
      await expectBalanced(world)
    })

    test('bets that are cashed out while they are settled end one way, once', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const accountId = await world.fund(10_000)
      const placed = await times(10, () =>
        world.place({ accountId, stake: 100, on: { [HOME]: 2_000, [OVER]: 3_000 } }),
      )
      const ids = placed.map(({ data }) => data.id as string)
      await Promise.all([
        ...ids.flatMap((id) => [world.cashOut(id, 1), world.cashOut(id, 1)]),
        world.tell(result('one', 0, 1)).then(world.settle),
      ])
      await world.settle()
      const bets = await all(world)
      expect(bets.filter(({ status }) => status === 'open')).toEqual([])
      const paid = bets.reduce((sum, { payout }) => sum + Number(payout), 0)
      expect(await world.moneyIn(accountId)).toEqual([9_000 + paid, 0, 0])
      const em = world.database.acrossTenants()
      const ends = await em.count(Transfer, { kind: { $in: ['payout', 'cash_out'] } })
      expect(ends).toBe(10)
      await expectBalanced(world)
    })

    test('limits set ten times at once are one row', async () => {
      await using place = await open()
      await using world = await openWorld(place.options)
      const amounts = { minStake: '1', maxStake: '600', maxPayout: '700' }
      const input = { guildId: ACME_GUILD, currency: 'EUR', ...amounts, cashOutFeeBasisPoints: 0 }
      const set =
        'mutation ($input: SetBettingLimitInput!) { setBettingLimit(input: $input) { id } }'
      const answers = await times(10, (index) =>
        world.ask(TRADER, set, { input: { ...input, maxLegs: index + 1 } }),
      )
      expect(answers.flatMap(({ codes }) => codes)).toEqual([])
      expect(await world.database.acrossTenants().count(BettingLimit, {})).toBe(1)
    })
  })
}

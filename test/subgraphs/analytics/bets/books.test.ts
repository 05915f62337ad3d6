import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bet } from '#subgraphs/analytics/entities/bet.ts'
import { eur } from '../ledger/ledger-kit.ts'
import { type BettingWorld, openBetting } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'
import { createSecondBooks } from './kit/second-books.ts'

const GAMES = ['one', 'two', 'three'] as const
const PLAYERS = ['player', 'otherPlayer'] as const

const OFFERS = GAMES.flatMap((name) =>
  (
    [
      ['match_result/0/home', 2_137],
      ['match_result/0/draw', 3_333],
      ['draw_no_bet/0/away', 1_777],
      ['both_score/0/yes', 1_911],
      ['over_under/2250/over', 1_873],
      ['over_under/3000/under', 1_609],
      ['handicap/-750/home', 2_451],
    ] as const
  ).map(([rest, odds]) => ({ name, choice: `${name}/${rest}` as Choice, odds })),
)

const anyScore = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }))
const anyGame = fc.constantFrom(...GAMES)

const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('bet' as const),
      player: fc.constantFrom(...PLAYERS),
      stake: fc.integer({ min: 100, max: 20_000 }),
      offers: fc.uniqueArray(fc.constantFrom(...OFFERS), {
        minLength: 1,
        maxLength: 3,
        selector: ({ name }) => name,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('result' as const), name: anyGame, score: anyScore }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('correct' as const), name: anyGame, score: anyScore }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), name: anyGame }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sell' as const), nth: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'settle' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('withdraw' as const),
      player: fc.constantFrom(...PLAYERS),
      amount: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pay' as const), nth: fc.nat() }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never

type Played = {
  world: BettingWorld
  books: ReturnType<typeof createSecondBooks>
  accounts: Readonly<Record<string, string>>
  ids: string[]
  withdrawals: { holdId: string; player: (typeof PLAYERS)[number]; amount: number }[]
  /** Games whose result the platform decided: the feed says nothing of them any more. */
  decided: Set<string>
}

async function placeBet(
  { world, books, accounts, ids }: Played,
  { player, stake, offers }: Extract<Step, { kind: 'bet' }>,
) {
  const on = Object.fromEntries(offers.map(({ choice, odds }) => [choice, odds]))
  const { data, codes } = await world.place(
    { accountId: accounts[player] ?? '', stake, on },
    player,
  )
  if (codes.length > 0) {
    expect(['MARKET_CLOSED', 'BALANCE_TOO_LOW']).toContain(codes[0])
    return
  }
  ids.push(data.id)
  const legs = offers.map(({ name, choice, odds }) => {
    const [, market = '', line = '0', pick = ''] = choice.split('/')
    return { game: name, market, line: Number(line) / 1_000, pick, odds }
  })
  books.bets.push({ player, stake: BigInt(stake), legs, sold: null })
}

/** Sold at the odds it was taken at: the stake times what settled legs paid, less 5 %. */
async function sellBet({ world, books, ids }: Played, nth: number) {
  if (ids.length === 0) return
  const index = nth % ids.length
  const bet = books.bets[index]
  const player = bet?.player as (typeof PLAYERS)[number]
  const { data, codes } = await world.cashOut(ids[index] ?? '', 1, player)
  if (codes.length > 0) {
    expect(codes).toEqual(['CASH_OUT_UNAVAILABLE'])
    return
  }
  if (bet) bet.sold = BigInt(data.payout.amount)
}

async function withdraw(
  { world, accounts, withdrawals }: Played,
  { player, amount }: Extract<Step, { kind: 'withdraw' }>,
) {
  const input = { accountId: accounts[player] ?? '', money: eur(amount) }
  const { data, codes } = await world.act(player, 'requestWithdrawal', input)
  if (codes.length === 0) withdrawals.push({ holdId: data.id, player, amount })
  else expect(['BALANCE_TOO_LOW', 'DEBT_OPEN']).toContain(codes[0])
}

async function payOut({ world, books, withdrawals }: Played, nth: number) {
  const withdrawal = withdrawals[nth % Math.max(withdrawals.length, 1)]
  if (!withdrawal) return
  const { holdId, player, amount } = withdrawal
  const { codes } = await world.act('cashier', 'completeWithdrawal', { holdId })
  if (codes.length === 0) books.payOut(player, BigInt(amount))
  else expect(['HOLD_ENDED', 'DEBT_OPEN']).toContain(codes[0])
}

async function take(played: Played, step: Step): Promise<void> {
  const { world, books, decided } = played
  if (step.kind === 'bet') return placeBet(played, step)
  if (step.kind === 'sell') return sellBet(played, step.nth)
  if (step.kind === 'settle') return world.settle()
  if (step.kind === 'withdraw') return withdraw(played, step)
  if (step.kind === 'pay') return payOut(played, step.nth)
  const { name } = step
  await world.begin(name)
  if (step.kind === 'abandon') {
    await world.abandon(name)
    decided.add(name)
    return books.decide(name, 'abandoned')
  }
  const [home, away] = step.score
  if (step.kind === 'correct') {
    const before = books.resultOf(name)
    const isSame = Array.isArray(before) && before[0] === home && before[1] === away
    await world.correct(name, home, away)
    if (!isSame) decided.add(name)
  } else {
    if (decided.has(name)) return
    await world.tell(result(name, home, away))
  }
  books.decide(name, step.score)
}

/** Every bet and everybody's money are what the second books say; what entries say sums to zero. */
async function compare({ world, books, accounts, ids }: Played) {
  await world.settle()
  const em = world.database.acrossTenants()
  const bets = new Map((await em.find(Bet, {})).map((bet) => [bet.id, bet]))
  for (const [index, bet] of books.bets.entries()) {
    expect(bets.get(ids[index] ?? '')?.payout ?? null).toBe(books.payoutOf(bet))
  }
  for (const player of PLAYERS) {
    const worth = Number(books.worthOf(player))
    const [free = 0, held = 0, debt = 0] = await world.moneyIn(accounts[player] ?? '')
    expect([free + held + debt, debt]).toEqual([worth, Math.min(worth, 0)])
    if (debt < 0) expect([free, held]).toEqual([0, 0])
  }
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
}

async function play(steps: readonly Step[]): Promise<void> {
  await using world = await openBetting()
  await world.tell(...GAMES.map((name) => game(name)))
  await world.tell(...OFFERS.map(({ choice, odds }) => price(choice, odds)))
  const books = createSecondBooks()
  const accounts: Record<string, string> = {}
  for (const player of PLAYERS) {
    accounts[player] = await world.fund(50_000, player)
    books.deposit(player, 50_000n)
  }
  const played: Played = { world, books, accounts, ids: [], withdrawals: [], decided: new Set() }
  for (const step of steps) await take(played, step)
  await compare(played)
}

test('whatever is bet, decided, corrected and sold: balances are those of a second calculation', {
  timeout: 300_000,
}, async () => {
  const anySteps = fc.array(anyStep, { minLength: 15, maxLength: 40 })
  await fc.assert(fc.asyncProperty(anySteps, play), { numRuns: 8, endOnFailure: true })
})

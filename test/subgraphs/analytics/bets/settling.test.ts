import { expect, test } from 'vitest'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { type BettingWorld, openBetting, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const DRAW: Choice = 'one/match_result/0/draw'
const NO_BET: Choice = 'one/draw_no_bet/0/home'
const QUARTER: Choice = 'one/handicap/-250/home'
const OVER: Choice = 'two/over_under/2500/over'
const WHOLE: Choice = 'two/over_under/3000/over'

const PRICES: [Choice, number][] = [
  [HOME, 2_100],
  [DRAW, 3_400],
  [NO_BET, 1_700],
  [QUARTER, 1_950],
  [OVER, 1_900],
  [WHOLE, 2_200],
]

/** Two games with prices, and a player with 100.00. */
async function openWorld() {
  const world = await openBetting()
  await world.tell(game('one'), game('two'))
  await world.tell(...PRICES.map(([choice, odds]) => price(choice, odds)))
  const accountId = await world.fund(10_000)
  const oddsOf = new Map(PRICES)
  const placeOn = async (choices: readonly Choice[], stake = 1_000): Promise<string> => {
    const on = Object.fromEntries(choices.map((choice) => [choice, oddsOf.get(choice) ?? 0]))
    const { data, codes } = await world.place({ accountId, stake, on })
    if (codes.length > 0) throw new Error(codes.join())
    return data.id
  }
  return { ...world, accountId, placeOn }
}

type Told = Pick<BettingWorld, 'bet'>

/** `won 2100`, `open`: how a bet stands. */
async function standingOf({ bet }: Told, id: string) {
  const { status, outcome, payout } = await bet(id)
  return status === 'OPEN' ? 'open' : `${outcome.toLowerCase()} ${payout.amount}`
}

/** Sums are zero and balances are the sums of their entries. */
async function expectBalanced({ check }: Pick<BettingWorld, 'check'>) {
  expect(await check()).toMatchObject([{ currency: 'EUR', sum: '0', broken: [] }])
}

test.each([
  [[HOME], '2:1', 'won 2100', 11_100],
  [[HOME], '1:1', 'lost 0', 9_000],
  [[NO_BET], '1:1', 'void 1000', 10_000],
  [[QUARTER], '1:1', 'half_lost 500', 9_500],
  [[QUARTER], '2:1', 'won 1950', 10_950],
] as const)('a bet on %j that ends %s is %s', async (choices, score, expected, balance) => {
  await using world = await openWorld()
  const id = await world.placeOn(choices)
  const [home = 0, away = 0] = score.split(':').map(Number)
  await world.tell(result('one', home, away))
  expect(await standingOf(world, id)).toBe('open')
  await world.settle()
  expect(await standingOf(world, id)).toBe(expected)
  expect(await world.moneyIn(world.accountId)).toEqual([balance, 0, 0])
  await expectBalanced(world)
})

test('a multiple waits for all its legs, or for one that is lost', async () => {
  await using world = await openWorld()
  const both = await world.placeOn([HOME, OVER])
  const early = await world.placeOn([DRAW, OVER])
  const pushed = await world.placeOn([HOME, WHOLE])
  await world.tell(result('one', 1, 0))
  await world.settle()
  expect(await standingOf(world, both)).toBe('open')
  expect(await standingOf(world, early)).toBe('lost 0')
  expect((await world.bet(both)).legs).toMatchObject([{ outcome: 'WON' }, { outcome: 'OPEN' }])
  await world.tell(result('two', 2, 1))
  await world.settle()
  expect(await standingOf(world, both)).toBe('won 3990')
  expect(await standingOf(world, pushed)).toBe('won 2100')
  await expectBalanced(world)
})

test('an abandoned game gives stakes back; in a multiple it counts as odds of 1', async () => {
  await using world = await openWorld()
  const single = await world.placeOn([HOME])
  const multiple = await world.placeOn([HOME, OVER])
  const { data } = await world.abandon('one')
  expect(data).toMatchObject({ status: 'ABANDONED', score: null })
  await world.tell(result('two', 3, 0))
  await world.settle()
  expect(await standingOf(world, single)).toBe('void 1000')
  expect(await standingOf(world, multiple)).toBe('won 1900')
  const voided = await world.placeOn([QUARTER]).catch(({ message }) => message)
  expect(voided).toBe('MARKET_CLOSED')
  await expectBalanced(world)
})

test('what an open bet may still pay, and the liability for it, follow the legs that ended', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME, OVER])
  const query = '{ bettingFigures(groupBy: []) { openLiability { amount } } }'
  const told = async () => {
    const { data } = await world.ask(TRADER, query)
    const { status, potentialPayout } = await world.bet(id)
    return [status, potentialPayout.amount, data.bettingFigures[0].openLiability.amount].join(' ')
  }
  expect(await told()).toBe('OPEN 3990 3990')
  await world.abandon('one')
  await world.settle()
  expect(await told()).toBe('OPEN 1900 1900')
  await world.tell(result('two', 3, 0))
  await world.settle()
  expect(await told()).toBe('SETTLED 1900 0')
  expect((await world.reopen('two', 48)).codes).toEqual([])
  await world.settle()
  expect(await told()).toBe('OPEN 1900 1900')
  expect((await world.reopen('one', 48)).codes).toEqual([])
  await world.settle()
  expect(await told()).toBe('OPEN 3990 3990')
})

test('a multiple of abandoned games alone is void', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME, OVER])
  await world.abandon('one')
  await world.abandon('two')
  await world.settle()
  expect(await standingOf(world, id)).toBe('void 1000')
  expect(await world.moneyIn(world.accountId)).toEqual([10_000, 0, 0])
})

test('a result is corrected twice, back to the first; each settlement is reversed by the next', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  const standings: string[] = []
  const note = async () => {
    await world.settle()
    standings.push(await standingOf(world, id))
  }
  await world.begin('one')
  await world.tell(result('one', 2, 1))
  await note()
  expect((await world.correct('one', 1, 1)).data.score).toEqual({ home: 1, away: 1 })
  await note()
  await world.correct('one', 2, 1)
  await note()
  expect(standings).toEqual(['won 2100', 'lost 0', 'won 2100'])
  expect((await world.bet(id)).settlements).toBe(3)
  expect(await world.moneyIn(world.accountId)).toEqual([11_100, 0, 0])
  const transfers = await world.database.acrossTenants().find(Transfer, { betId: id })
  expect(transfers.map(({ kind }) => kind)).toEqual([
    ...['stake', 'payout', 'reversal', 'payout', 'reversal', 'payout'],
  ])
  const audited = (await world.sent('audit')).map(({ action }) => action)
  expect(audited.filter((action) => String(action).startsWith('bet.'))).toEqual([
    ...['bet.placed', 'bet.settled', 'bet.corrected', 'bet.corrected'],
  ])
  await expectBalanced(world)
})

test('the same result again changes nothing, and a second look at it settles nothing', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  await world.begin('one')
  await world.correct('one', 2, 1)
  await world.settle()
  await world.correct('one', 2, 1)
  await world.tell(result('one', 2, 1))
  await world.settle()
  await world.settle()
  expect((await world.bet(id)).settlements).toBe(1)
  const told = (await world.sent('ai')).map(({ kind, resultVersion }) => `${kind} ${resultVersion}`)
  expect(told).toEqual(['fixture.finished 1'])
})

test('a feed that says otherwise later corrects itself, but not what the platform decided', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  await world.begin('one')
  await world.tell(result('one', 2, 1))
  await world.settle()
  await world.tell(result('one', 0, 1))
  await world.settle()
  expect(await standingOf(world, id)).toBe('lost 0')
  await world.correct('one', 3, 1)
  await world.tell(result('one', 0, 1), game('one', 48))
  await world.settle()
  expect(await standingOf(world, id)).toBe('won 2100')
  expect((await world.sent('ai')).map(({ homeGoals }) => homeGoals)).toEqual([2, 0, 3])
})

test('no feed takes a result back: a later kick-off opens no bet and takes none in', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  await world.tell(result('one', 2, 1))
  await world.settle()
  await world.abandon('two')
  await world.tell(game('one', 48), game('two', 48))
  await world.settle()
  expect(await standingOf(world, id)).toBe('won 2100')
  expect(await world.moneyIn(world.accountId)).toEqual([11_100, 0, 0])
  for (const choice of [HOME, OVER]) {
    const late = await world.placeOn([choice]).catch(({ message }) => message)
    expect(late).toBe('MARKET_CLOSED')
  }
  const told = (await world.sent('ai')).map(({ kind }) => kind)
  expect(told).toEqual(['fixture.finished', 'fixture.abandoned'])
})

test('the platform takes a result back: bets are open again, at no price of before', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  await world.tell(result('one', 2, 1))
  await world.settle()
  const { data, codes } = await world.reopen('one', 48)
  expect([codes, data.status, data.score]).toEqual([[], 'SCHEDULED', null])
  await world.settle()
  expect(await standingOf(world, id)).toBe('open')
  expect(await world.moneyIn(world.accountId)).toEqual([9_000, 0, 0])
  expect((await world.sent('ai')).map(({ kind }) => kind)).toEqual([
    ...['fixture.finished', 'fixture.abandoned'],
  ])
  expect((await world.sent('audit')).at(-2)).toMatchObject({
    ...{ action: 'fixture.reopen', details: { resultVersion: 2 } },
  })
  const early = await world.placeOn([HOME]).catch(({ message }) => message)
  expect(early).toBe('QUOTE_NOT_FOUND')
  expect(await world.bet(id, 'player', 'cashOutOffer { amount }')).toEqual({ cashOutOffer: null })
  // The very price of before: told again it stands again.
  await world.tell(price(HOME, 2_100))
  await world.placeOn([HOME])
  await world.tell(result('one', 0, 2))
  await world.settle()
  expect(await standingOf(world, id)).toBe('lost 0')
  await expectBalanced(world)
})

test('a result is taken back by the platform alone, once, for a kick-off to come', async () => {
  await using world = await openWorld()
  const acme = { ...TRADER, scopes: ['bets:settle'] }
  expect((await world.reopen('one', 48)).codes).toEqual(['FIXTURE_WITHOUT_RESULT'])
  await world.abandon('one')
  expect((await world.reopen('one', 48, acme)).codes).toEqual(['RESULTS_PLATFORM_ONLY'])
  expect((await world.reopen('one', 48, 'player')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  for (const hours of [-1, 0, 9_000]) {
    expect((await world.reopen('one', hours)).codes).toEqual(['KICK_OFF_INVALID'])
  }
  expect((await world.reopen('one', 48)).codes).toEqual([])
  expect((await world.reopen('one', 48)).codes).toEqual(['FIXTURE_WITHOUT_RESULT'])
})

test('a game that has not begun has no result: it answers FIXTURE_NOT_STARTED, and can be abandoned', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  expect((await world.correct('one', 1, 0)).codes).toEqual(['FIXTURE_NOT_STARTED'])
  await world.settle()
  expect(await standingOf(world, id)).toBe('open')
  await world.begin('one')
  expect((await world.correct('one', 1, 0)).codes).toEqual([])
  await world.settle()
  expect(await standingOf(world, id)).toBe('won 2100')
  expect((await world.abandon('two')).codes).toEqual([])
  expect((await world.correct('two', 1, 0)).codes).toEqual(['FIXTURE_NOT_STARTED'])
})

test('winnings that were spent before a correction become a debt, which the next payout repays first', async () => {
  await using world = await openWorld()
  const { accountId } = world
  await world.placeOn([HOME], 10_000)
  await world.begin('one')
  await world.tell(result('one', 1, 0))
  await world.settle()
  expect(await world.moneyIn(accountId)).toEqual([21_000, 0, 0])
  await world.placeOn([OVER], 20_000)
  await world.correct('one', 0, 0)
  await world.settle()
  expect(await world.moneyIn(accountId)).toEqual([0, 0, -20_000])
  await world.tell(result('two', 2, 1))
  await world.settle()
  expect(await world.moneyIn(accountId)).toEqual([18_000, 0, 0])
  await expectBalanced(world)
})

test('results are decided by the platform alone, in goals, of fixtures that are', async () => {
  await using world = await openWorld()
  await world.begin('one')
  const acme = { ...TRADER, scopes: ['bets:settle'] }
  expect((await world.correct('one', 1, 0, acme)).codes).toEqual(['RESULTS_PLATFORM_ONLY'])
  expect((await world.abandon('one', acme)).codes).toEqual(['RESULTS_PLATFORM_ONLY'])
  expect((await world.correct('one', 1, 0, 'player')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect((await world.correct('one', -1, 0)).codes).toEqual(['RESULT_INVALID'])
  expect((await world.correct('one', 0, 100)).codes).toEqual(['RESULT_INVALID'])
  const input = { fixtureId: '4711', reason: 'no such game' }
  const mutation =
    'mutation ($input: AbandonFixtureInput!) { abandonFixture(input: $input) { id } }'
  const referee = { ...acme, reach: { kind: 'platform' } as const }
  expect((await world.ask(referee, mutation, { input })).codes).toEqual(['FIXTURE_NOT_FOUND'])
  const silent = { ...input, fixtureId: await world.fixtureId('one'), reason: ' ' }
  expect((await world.ask(referee, mutation, { input: silent })).codes).toEqual(['NOTE_INVALID'])
  expect((await world.correct('one', 1, 0)).codes).toEqual([])
})

test('a settlement that is stopped in the middle goes on where it was: each bet once', async () => {
  await using world = await openWorld()
  const ids: string[] = []
  for (let count = 0; count < 12; count++) ids.push(await world.placeOn([HOME], 100))
  await world.tell(result('one', 2, 1))
  const stopping = new AbortController()
  const fork = world.database.fork
  let settled = 0
  const watched = {
    ...world.database,
    fork: (reach: Parameters<typeof fork>[0]) => {
      if (++settled === 5) stopping.abort()
      return fork(reach)
    },
  }
  await world.settlerOn(watched).settleDue(stopping.signal)
  const countOf = async () =>
    (await Promise.all(ids.map((id) => standingOf(world, id)))).filter((one) => one !== 'open')
      .length
  expect(await countOf()).toBe(5)
  const due = () =>
    world.database.acrossTenants().count(Fixture, { settlementDueAt: { $ne: null } })
  expect(await due()).toBe(1)
  await world.settle()
  expect(await countOf()).toBe(12)
  expect(await due()).toBe(0)
  expect(await world.moneyIn(world.accountId)).toEqual([10_000 + 12 * 110, 0, 0])
  await expectBalanced(world)
})

test('a bet that cannot be settled keeps no other waiting, and is tried again later', async () => {
  await using world = await openWorld()
  const ids = [await world.placeOn([HOME], 100), await world.placeOn([HOME], 200)]
  await world.tell(result('one', 2, 1))
  const fork = world.database.fork
  let tries = 0
  const broken = {
    ...world.database,
    fork: (reach: Parameters<typeof fork>[0]) => {
      if (++tries === 1) throw new TypeError('broken')
      return fork(reach)
    },
  }
  await world.settlerOn(broken).settleDue(new AbortController().signal)
  const standings = () => Promise.all(ids.map((id) => standingOf(world, id)))
  expect(await standings()).toEqual(['open', 'won 420'])
  const em = world.database.acrossTenants()
  const fixture = await em.findOneOrFail(Fixture, { settlementDueAt: { $ne: null } })
  expect(fixture.settledVersion).toBe(0)
  fixture.settlementDueAt = new Date(0)
  await em.flush()
  await world.settle()
  expect(await standings()).toEqual(['won 210', 'won 420'])
})

test('the service settles by itself within a second or so', async () => {
  await using world = await openWorld()
  const id = await world.placeOn([HOME])
  await world.service.start()
  await world.tell(result('one', 2, 1))
  await expect.poll(() => standingOf(world, id), { timeout: 10_000 }).toBe('won 2100')
})

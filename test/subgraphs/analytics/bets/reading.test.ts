import { expect, test } from 'vitest'
import type { Answer, Who } from '../analytics-kit.ts'
import { ACME_GUILD, countQueries, userOf } from '../analytics-kit.ts'
import { openBetting, REFEREE, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'

type Options = Parameters<typeof openBetting>[0]

/** One game, and two players of one guild with a bet each. */
async function openWorld(options: Options = {}) {
  const world = await openBetting(options)
  await world.tell(game('one'), price(HOME, 2_000))
  const accountId = await world.fund(10_000)
  const otherId = await world.fund(10_000, 'otherPlayer')
  const { data: bet } = await world.place({ accountId, on: { [HOME]: 2_000 } })
  const other = await world.place({ accountId: otherId, on: { [HOME]: 2_000 } }, 'otherPlayer')
  return { ...world, accountId, betId: bet.id as string, otherBetId: other.data.id as string }
}

const homeless = userOf({ kind: 'none' }, [], '21')
const globexTrader = { ...TRADER, reach: { kind: 'tenant', tenantId: '2' } as const }

test('a bet is seen by its owner anywhere and by readers within reach; to others there is none', async () => {
  await using world = await openWorld()
  const { betId } = world
  const seenBy = async (who: Who) => (await world.bet(betId, who, 'id'))?.id ?? null
  for (const who of ['player', homeless, TRADER, REFEREE] as const) {
    expect(await seenBy(who)).toBe(betId)
  }
  for (const who of ['otherPlayer', 'cashier', globexTrader, 'anonymous'] as const) {
    expect(await seenBy(who)).toBeNull()
  }
  expect(await world.bet('4711', 'player', 'id')).toBeNull()
  expect(await world.bet('nonsense', 'player', 'id')).toBeNull()
})

test('as an entity a bet has the same borders', async () => {
  await using world = await openWorld()
  const query = `{ _entities(representations: [{ __typename: "Bet", id: "${world.betId}" }]) {
    ... on Bet { id legs { fixtureId fixture { home } } } } }`
  const seen = await world.ask('player', query)
  expect(seen.data._entities[0]).toMatchObject({ id: world.betId, legs: [{ fixtureId: '1' }] })
  expect((await world.ask('otherPlayer', query)).data._entities[0]).toBeNull()
  expect((await world.ask('anonymous', query)).data._entities[0]).toBeNull()
})

test('a person shows all their bets to themselves, to readers those within reach, to others BETS_OF_OTHERS', async () => {
  await using world = await openWorld()
  const query = `{ _entities(representations: [{ __typename: "User", id: "21" }]) {
    ... on User { bets(where: { status: { eq: OPEN } }) { edges { node { id } } } } } }`
  const idsFor = async (who: Who) => {
    const { data, codes } = await world.ask(who, query)
    const edges = data?._entities?.[0]?.bets?.edges as { node: { id: string } }[] | undefined
    return codes.length > 0 ? codes : edges?.map(({ node }) => node.id)
  }
  expect(await idsFor('player')).toEqual([world.betId])
  expect(await idsFor(homeless)).toEqual([world.betId])
  expect(await idsFor(TRADER)).toEqual([world.betId])
  expect(await idsFor(globexTrader)).toEqual([])
  expect(await idsFor('otherPlayer')).toEqual(['BETS_OF_OTHERS'])
})

const idsOf = ({ data }: Answer): string[] =>
  data.bets.edges.map(({ node }: { node: { id: string } }) => node.id)

test('bets within reach are listed by conditions and order, for readers alone', async () => {
  await using world = await openWorld()
  const { betId, otherBetId } = world
  const list = (who: Who, args = '') => world.ask(who, `{ bets${args} { edges { node { id } } } }`)
  expect(idsOf(await list(TRADER))).toEqual([otherBetId, betId])
  const oldest = '(orderBy: [{ field: PLACED_AT, direction: ASC }])'
  expect(idsOf(await list(TRADER, oldest))).toEqual([betId, otherBetId])
  const own = '(where: { userId: { eq: "21" }, marketType: { eq: MATCH_RESULT } })'
  expect(idsOf(await list(TRADER, own))).toEqual([betId])
  expect(idsOf(await list(globexTrader))).toEqual([])
  expect((await list('player')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('reading the bets of others is recorded where the guild asks for it, reading one’s own never', async () => {
  await using world = await openWorld({ guild: { auditLogging: true } })
  const reads = async () =>
    (await world.sent('audit')).filter(({ action }) => action === 'bets.read').length
  await world.bet(world.betId, 'player')
  expect(await reads()).toBe(0)
  await world.bet(world.betId, TRADER)
  await world.ask(TRADER, '{ bets { edges { node { id } } } }')
  expect(await reads()).toBe(2)
})

test('twenty bets with legs, offers and fixtures cost as many queries as two', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const query =
    '{ bets { edges { node { id legs { fixture { home } } cashOutOffer { amount } } } } }'
  const reader = { ...TRADER, scopes: ['bets:read', 'fixtures:read'] }
  const count = () => countQueries(world.database, () => world.ask(reader, query))
  await count()
  const two = await count()
  for (let bets = 0; bets < 18; bets++) {
    await world.place({ accountId, stake: 100, on: { [HOME]: 2_000 } })
  }
  expect(await count()).toBe(two)
})

const CHANGES =
  'subscription { betChanged { type betId status outcome payout { amount } bet { id } } }'

async function take(stream: AsyncIterable<Answer>, count: number): Promise<Answer[]> {
  const taken: Answer[] = []
  for await (const answer of stream) {
    taken.push(answer)
    if (taken.length === count) break
  }
  return taken
}

test('everything that happens to a bet is told live, and resumed without gap or double', async () => {
  await using world = await openWorld()
  const { signal } = new AbortController()
  const live = take(await world.follow(CHANGES, { signal, who: 'player' }), 1)
  const { data: bet } = await world.place({ accountId: world.accountId, on: { [HOME]: 2_000 } })
  const [placed] = await live
  expect(placed?.data.betChanged).toEqual({
    ...{ type: 'PLACED', betId: bet.id, status: 'OPEN', outcome: null, payout: null },
    bet: { id: bet.id },
  })
  await world.begin('one')
  await world.tell(result('one', 2, 0))
  await world.settle()
  await world.correct('one', 0, 2)
  await world.settle()
  await world.tell(game('one', 48))
  const resume = placed?.cursor ?? null
  const resumed = await world.follow(CHANGES, { resume, signal, who: 'player' })
  const told = (await take(resumed, 4)).map(({ data }) => data.betChanged)
  expect(told.filter(({ betId }) => betId === bet.id)).toMatchObject([
    { type: 'SETTLED', status: 'SETTLED', outcome: 'WON', payout: { amount: '2000' } },
    { type: 'CORRECTED', status: 'SETTLED', outcome: 'LOST', payout: { amount: '0' } },
  ])
})

test('the bets of others are followed by readers within reach, from others they are kept', async () => {
  await using world = await openWorld()
  const { signal } = new AbortController()
  const query = CHANGES.replace('betChanged', 'betChanged(userId: "21")')
  const refused = await take(await world.follow(query, { signal, who: 'otherPlayer' }), 1)
  expect(refused[0]?.codes).toEqual(['PORTFOLIO_OF_OTHERS'])
  const seen = take(await world.follow(query, { signal, who: TRADER }), 1)
  const { data: bet } = await world.place({ accountId: world.accountId, on: { [HOME]: 2_000 } })
  expect((await seen)[0]?.data.betChanged).toMatchObject({ type: 'PLACED', betId: bet.id })
})

test('a guild shows its figures to readers within reach alone', async () => {
  await using world = await openWorld()
  const query = `{ _entities(representations: [{ __typename: "Guild", id: "${ACME_GUILD}" }]) {
    ... on Guild { handle { amount currency } hold { currency share } } } }`
  const { data } = await world.ask(TRADER, query)
  expect(data._entities[0]).toEqual({
    handle: [{ amount: '2000', currency: 'EUR' }],
    hold: [{ currency: 'EUR', share: null }],
  })
  expect((await world.ask(globexTrader, query)).data._entities[0].handle).toEqual([])
  expect((await world.ask('player', query)).data._entities[0].handle).toBeNull()
})

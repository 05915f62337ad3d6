import { expect, test } from 'vitest'
import { ACME_GUILD, countQueries, type Who } from '../analytics-kit.ts'
import { openBetting, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'

const STAKES = [100, 300, 200, 300, 100]

/** A player with bets of these stakes, in this order. */
async function openWorld() {
  const world = await openBetting()
  await world.tell(game('one'), price(HOME, 2_000))
  const accountId = await world.fund(10_000)
  const bet = async (stake: number) => {
    const { data } = await world.place({ accountId, stake, on: { [HOME]: 2_000 } })
    return data.id as string
  }
  const betIds: string[] = []
  for (const stake of STAKES) betIds.push(await bet(stake))
  return { ...world, accountId, bet, betIds }
}

type World = Awaited<ReturnType<typeof openWorld>>

type Listed = { ids: string[]; codes: string[]; hasNextPage: boolean; endCursor: string | null }

/** A list of persons of identity, as the gateway asks for it. */
async function list(
  { ask }: Pick<World, 'ask'>,
  { field, args, who = 'player', of = ['21'] }: ListAsked,
): Promise<Listed[]> {
  const persons = of.map((id) => `{ __typename: "User", id: "${id}" }`)
  const query = `{ _entities(representations: [${persons}]) { ... on User {
    ${field}${args} { edges { node { id } } pageInfo { hasNextPage endCursor } } } } }`
  const { data, codes } = await ask(who, query)
  const entities = (data?._entities ?? []) as Record<string, Connection | null>[]
  return entities.map((entity) => ({
    ids: (entity[field]?.edges ?? []).map(({ node }) => node.id),
    codes,
    hasNextPage: entity[field]?.pageInfo.hasNextPage ?? false,
    endCursor: entity[field]?.pageInfo.endCursor ?? null,
  }))
}

type ListAsked = { field: 'bets' | 'accounts'; args: string; who?: Who; of?: readonly string[] }

type Connection = {
  edges: { node: { id: string } }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

const only = ([listed]: Listed[]): Listed => {
  if (!listed) throw new Error('no list was answered')
  return listed
}

/** All pages of two rows each, with what is done between the first and the second. */
async function walk(world: World, order: string, between = async () => {}): Promise<string[][]> {
  const pages: string[][] = []
  let after = ''
  for (;;) {
    const args = `(orderBy: [${order}], first: 2${after})`
    const { ids, hasNextPage, endCursor } = only(await list(world, { field: 'bets', args }))
    pages.push(ids)
    if (!hasNextPage) return pages
    after = `, after: "${endCursor}"`
    if (pages.length === 1) await between()
  }
}

test('a member reads their own bets newest first, oldest first, and by stake', async () => {
  await using world = await openWorld()
  const ordered = async (order: string) =>
    only(await list(world, { field: 'bets', args: `(orderBy: [${order}])` })).ids
  expect(await ordered('{ field: PLACED_AT, direction: ASC }')).toEqual(world.betIds)
  const newest = '{ field: PLACED_AT, direction: DESC }'
  expect(await ordered(newest)).toEqual(world.betIds.toReversed())
  const [first, second, third, fourth, fifth] = world.betIds
  const byStake = `{ field: STAKE, direction: DESC }, ${newest}`
  expect(await ordered(byStake)).toEqual([fourth, second, third, fifth, first])
  expect(only(await list(world, { field: 'bets', args: '' })).ids).toEqual(world.betIds)
})

test('pages in an order go on where the last one ended, with equal values and bets placed meanwhile', async () => {
  await using world = await openWorld()
  const [first, second, third, fourth, fifth] = world.betIds
  const byStake = await walk(world, '{ field: STAKE, direction: ASC }')
  expect(byStake).toEqual([[first, fifth], [third, second], [fourth]])
  const placeOne = async () => {
    await world.bet(500)
  }
  const newest = await walk(world, '{ field: PLACED_AT, direction: DESC }', placeOne)
  expect(newest).toEqual([[fifth, fourth], [third, second], [first]])
})

test('a cursor of another order, a page from the end and too many orders are refused', async () => {
  await using world = await openWorld()
  const codesOf = async (args: string) => {
    const { codes } = only(await list(world, { field: 'bets', args }))
    return codes
  }
  const { endCursor } = only(await list(world, { field: 'bets', args: '(first: 2)' }))
  const newest = 'orderBy: [{ field: PLACED_AT, direction: DESC }]'
  expect(await codesOf(`(${newest}, after: "${endCursor}")`)).toEqual(['PAGE_CURSOR_INVALID'])
  expect(await codesOf(`(${newest}, last: 2)`)).toEqual(['PAGE_SIZE_INVALID'])
  const twice = '{ field: ODDS, direction: ASC }, { field: ODDS, direction: DESC }'
  expect(await codesOf(`(orderBy: [${twice}])`)).toEqual(['ORDER_TOO_LONG'])
})

test('conditions and order go together, and order opens nobody else’s bets', async () => {
  await using world = await openWorld()
  await world.fund(10_000, 'otherPlayer')
  const [, second, , fourth] = world.betIds
  const args = '(where: { stake: { eq: "300" } }, orderBy: [{ field: PLACED_AT, direction: DESC }])'
  const asked = { field: 'bets', args } as const
  expect(only(await list(world, asked)).ids).toEqual([fourth, second])
  expect(only(await list(world, { ...asked, who: TRADER })).ids).toEqual([fourth, second])
  const refused = only(await list(world, { ...asked, who: 'otherPlayer' }))
  expect(refused).toMatchObject({ ids: [], codes: ['BETS_OF_OTHERS'] })
  const foreign = { ...TRADER, reach: { kind: 'tenant', tenantId: '2' } as const }
  expect(only(await list(world, { ...asked, who: foreign })).ids).toEqual([])
})

test('a reader orders the bets of several people, each list by itself', async () => {
  await using world = await openWorld()
  const accountId = await world.fund(10_000, 'otherPlayer')
  const other = await world.place({ accountId, on: { [HOME]: 2_000 } }, 'otherPlayer')
  const args = '(first: 1, orderBy: [{ field: PLACED_AT, direction: DESC }])'
  const lists = await list(world, { field: 'bets', args, who: TRADER, of: ['22', '21'] })
  expect(lists.map(({ ids }) => ids)).toEqual([[other.data.id], [world.betIds.at(-1)]])
})

test('a member chooses and orders their own accounts, of which none is the house’s', async () => {
  await using world = await openWorld()
  const { accountId } = world
  const usd = await world.openAccount('player', { currency: 'USD' })
  const gbp = await world.openAccount('player', { currency: 'GBP' })
  const idsOf = async (args: string, who: Who = 'player') =>
    only(await list(world, { field: 'accounts', args, who })).ids
  expect(await idsOf('')).toEqual([accountId, usd, gbp])
  const byCurrency = 'orderBy: [{ field: CURRENCY, direction: ASC }]'
  expect(await idsOf(`(${byCurrency})`)).toEqual([accountId, gbp, usd])
  const first = only(await list(world, { field: 'accounts', args: `(${byCurrency}, first: 2)` }))
  expect(first).toMatchObject({ ids: [accountId, gbp], hasNextPage: true })
  expect(await idsOf(`(${byCurrency}, after: "${first.endCursor}")`)).toEqual([usd])
  const here = `where: { currency: { in: ["GBP", "EUR"] }, guildId: { eq: "${ACME_GUILD}" } }`
  expect(await idsOf(`(${here}, ${byCurrency})`)).toEqual([accountId, gbp])
  expect(await idsOf(`(${here})`, 'cashier')).toEqual([accountId, gbp])
  expect(await idsOf('(where: { kind: { in: [CASH, HELD] } })')).toEqual([])
  const refused = await list(world, { field: 'accounts', args: `(${here})`, who: 'otherPlayer' })
  expect(only(refused)).toMatchObject({ ids: [], codes: ['MONEY_OF_OTHERS'] })
})

test('accounts of several people, chosen alike and in no order, cost as many queries as one’s', async () => {
  await using world = await openWorld()
  await world.fund(10_000, 'otherPlayer')
  const args = '(where: { currency: { eq: "EUR" } })'
  const asked = { field: 'accounts', args, who: 'cashier' } as const
  const count = (of: readonly string[]) =>
    countQueries(world.database, () => list(world, { ...asked, of }))
  const found = await list(world, { ...asked, of: ['21', '22', '23'] })
  expect(found.map(({ ids }) => ids.length)).toEqual([1, 1, 0])
  expect(await count(['21', '22', '23'])).toBe(await count(['21']))
})

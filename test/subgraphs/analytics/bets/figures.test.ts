import { expect, test } from 'vitest'
import { ACME_GUILD, userOf, type Who } from '../analytics-kit.ts'
import { openBetting, REFEREE, TRADER } from './kit/betting-kit.ts'
import { type Choice, game, price, result } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const AWAY: Choice = 'one/match_result/0/away'
const OVER: Choice = 'two/over_under/2500/over'
const LATER: Choice = 'three/over_under/2500/over'
const GONE: Choice = 'four/match_result/0/home'

/**
 * By hand, in minor units of EUR. Match result: 1000 at 2.00 won (2000), 3000 at 4.00 lost, 500 void; over/under:
 * 2000 at 1.50 won (3000), 400 at 3.00 open; multiple: 700 open at 6.00, 800 cashed out for 760. Beside them 100 GBP
 * that lost.
 */
async function openWorld() {
  const world = await openBetting()
  await world.tell(
    ...[game('one'), price(HOME, 2_000), price(AWAY, 4_000), game('two'), price(OVER, 1_500)],
    ...[game('three'), price(LATER, 3_000), game('four'), price(GONE, 2_000)],
  )
  const accountId = await world.fund(20_000)
  const pounds = await world.openAccount('player', { currency: 'GBP' })
  const money = { amount: '1000', currency: 'GBP' }
  await world.act('cashier', 'deposit', { accountId: pounds, money })
  const place = async (stake: number, on: Readonly<Record<Choice, number>>) => {
    const { data, codes } = await world.place({ accountId, stake, on })
    if (codes.length > 0) throw new Error(codes.join())
    return data.id as string
  }
  await place(1_000, { [HOME]: 2_000 })
  await place(3_000, { [AWAY]: 4_000 })
  await place(500, { [GONE]: 2_000 })
  await place(2_000, { [OVER]: 1_500 })
  await place(400, { [LATER]: 3_000 })
  await place(700, { [HOME]: 2_000, [LATER]: 3_000 })
  const sold = await place(800, { [HOME]: 2_000, [LATER]: 3_000 })
  await world.cashOut(sold, 760)
  const on = { [AWAY]: 4_000 }
  await world.place({ accountId: pounds, stake: 100, currency: 'GBP', on })
  await world.begin('one')
  await world.tell(result('one', 1, 0), result('two', 2, 1))
  await world.abandon('four')
  await world.settle()
  return world
}

const FIGURES = `currency bets handle { amount } turnover { amount } payout { amount } grossWin { amount }
  hold openStakes { amount } openLiability { amount } marketType day guild { id } tenant { id }`

type Row = Record<string, { amount?: string } & string>

const plain = (rows: Row[]) =>
  rows
    .map(({ guild: _guild, tenant: _tenant, day: _day, ...row }) => ({
      name: [row.marketType, row.currency].filter(Boolean).join(' '),
      bets: row.bets,
      ...Object.fromEntries(
        ['handle', 'turnover', 'payout', 'grossWin', 'openStakes', 'openLiability'].map((name) => [
          name,
          Number(row[name]?.amount),
        ]),
      ),
      hold: row.hold,
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1))

type Asking = { groupBy?: string; where?: string; who?: Who }

async function read(
  world: Awaited<ReturnType<typeof openWorld>>,
  { groupBy = '', where = '', who = TRADER }: Asking,
) {
  const args = where === '' ? `groupBy: [${groupBy}]` : `groupBy: [${groupBy}], where: ${where}`
  return world.ask(who, `{ bettingFigures(${args}) { ${FIGURES} } }`)
}

test('figures by market and currency are those calculated by hand', async () => {
  await using world = await openWorld()
  const { data } = await read(world, { groupBy: 'MARKET' })
  expect(plain(data.bettingFigures)).toEqual([
    {
      ...{ name: 'MATCH_RESULT EUR', bets: 3, handle: 4_000, turnover: 4_000, payout: 2_000 },
      ...{ grossWin: 2_000, openStakes: 0, openLiability: 0, hold: 0.5 },
    },
    {
      ...{ name: 'MATCH_RESULT GBP', bets: 1, handle: 100, turnover: 100, payout: 0 },
      ...{ grossWin: 100, openStakes: 0, openLiability: 0, hold: 1 },
    },
    {
      ...{ name: 'MULTIPLE EUR', bets: 2, handle: 1_500, turnover: 800, payout: 760 },
      ...{ grossWin: 40, openStakes: 700, openLiability: 4_200, hold: 0.05 },
    },
    {
      ...{ name: 'OVER_UNDER EUR', bets: 2, handle: 2_400, turnover: 2_000, payout: 3_000 },
      ...{ grossWin: -1_000, openStakes: 400, openLiability: 1_200, hold: -0.5 },
    },
  ])
})

test('figures in one group, by guild and by day, and of some bets, add up', async () => {
  await using world = await openWorld()
  const whole = {
    ...{ name: 'EUR', bets: 7, handle: 7_900, turnover: 6_800, payout: 5_760, grossWin: 1_040 },
    ...{ openStakes: 1_100, openLiability: 5_400, hold: 0.152941176 },
  }
  const eur = '{ currency: { eq: "EUR" } }'
  for (const groupBy of ['', 'TENANT', 'GUILD', 'DAY', 'TENANT, GUILD, DAY']) {
    const { data } = await read(world, { groupBy, where: eur })
    expect(plain(data.bettingFigures)).toEqual([whole])
  }
  const { data } = await read(world, { groupBy: 'TENANT, GUILD, DAY', where: eur })
  const today = new Date().toISOString().slice(0, 10)
  expect(data.bettingFigures[0]).toMatchObject({
    ...{ guild: { id: ACME_GUILD }, tenant: { id: '1' }, day: today },
  })
  const open = await read(world, { where: '{ status: { eq: OPEN } }' })
  expect(plain(open.data.bettingFigures)).toMatchObject([
    { bets: 2, openLiability: 5_400, hold: null },
  ])
})

test('a corrected result moves the figures with it', async () => {
  await using world = await openWorld()
  await world.correct('one', 0, 0)
  await world.settle()
  const { data } = await read(world, {
    groupBy: 'MARKET',
    where: '{ marketType: { eq: MATCH_RESULT } }',
  })
  expect(plain(data.bettingFigures)[0]).toMatchObject({ turnover: 4_000, payout: 0, hold: 1 })
})

test('a tenant and its guild show handle and hold by currency', async () => {
  await using world = await openWorld()
  const query = `{ _entities(representations: [
    { __typename: "Guild", id: "${ACME_GUILD}" }, { __typename: "Tenant", id: "1" }]) {
    ... on Guild { handle { amount currency } hold { currency share } }
    ... on Tenant { handle { amount currency } hold { currency share } } } }`
  const expected = {
    handle: [
      { amount: '7900', currency: 'EUR' },
      { amount: '100', currency: 'GBP' },
    ],
    hold: [
      { currency: 'EUR', share: 0.152941176 },
      { currency: 'GBP', share: 1 },
    ],
  }
  expect((await world.ask(TRADER, query)).data._entities).toEqual([expected, expected])
  expect((await world.ask(REFEREE, query)).data._entities).toEqual([expected, expected])
})

test('markets and days are a paid feature for those whose rights lie in one guild', async () => {
  await using world = await openWorld()
  const reach = { kind: 'guild', tenantId: '1', guildId: ACME_GUILD } as const
  const who = userOf(reach, ['figures:read'], '92')
  expect((await read(world, { groupBy: 'GUILD', who })).codes).toEqual([])
  for (const groupBy of ['MARKET', 'DAY', 'GUILD, DAY']) {
    expect((await read(world, { groupBy, who })).codes).toEqual(['FEATURE_NOT_INCLUDED'])
  }
  const day = new Date().toISOString().slice(0, 10)
  const picked = [
    '{ marketType: { eq: MATCH_RESULT } }',
    '{ currency: { eq: "EUR" }, marketType: { in: [MULTIPLE] } }',
    `{ placedDay: { lt: "${day}" } }`,
    `{ not: { placedDay: { eq: "${day}" } } }`,
    '{ or: [{ status: { eq: OPEN } }, { and: [{ marketType: { eq: MULTIPLE } }] }] }',
  ]
  for (const where of picked) {
    expect((await read(world, { where, who })).codes).toEqual(['FEATURE_NOT_INCLUDED'])
  }
  const free = '{ or: [{ status: { eq: OPEN } }, { not: { currency: { eq: "GBP" } } }] }'
  expect((await read(world, { where: free, who })).codes).toEqual([])
  const paid = { guildId: ACME_GUILD, tenantId: '1', enterpriseFeatures: true }
  await world.deliver('acme-pays', 'guild.updated', paid)
  expect((await read(world, { groupBy: 'MARKET', who })).codes).toEqual([])
  for (const where of picked) expect((await read(world, { where, who })).codes).toEqual([])
  expect((await read(world, { groupBy: 'MARKET', who: 'player' })).codes).toEqual([
    'UNAUTHORIZED_FIELD_OR_TYPE',
  ])
})

test('another tenant sees no figures', async () => {
  await using world = await openWorld()
  const globex = { ...TRADER, reach: { kind: 'tenant', tenantId: '2' } as const }
  expect((await read(world, { groupBy: 'GUILD', who: globex })).data.bettingFigures).toEqual([])
})

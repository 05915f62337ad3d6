import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { type AcmeBets, betOn, eur, openAcmeBets, SHARPS } from './acme-bets.ts'
import { changed, sentMoreOften, shown, statementsDuring, take, untilAnswer } from './world.ts'

/** Asks every subgraph for something of its own. */
const ALL = `query All($guild: ID!, $fixture: ID!) {
  me { displayName consents(standingOnly: true) { edges { node { purpose tenant { code } } } } }
  guild(id: $guild) {
    name
    members(first: 1) { edges { node { user { displayName } } } }
    handle { amount currency }
    hold { currency share }
    bettingLimits { currency }
    auditTrail(first: 1) { edges { node { outcome guild { name } } } }
  }
  fixture(id: $fixture) { home prediction { basis probabilities { home } } }
}`

const services = (plan: unknown) =>
  new Set(
    [...(plan as { text: string }).text.matchAll(/Fetch\(service: "(\w+)"/g)].map(
      ([, name]) => name,
    ),
  )

const BETS = '{ me { bets(first: 20) { edges { node { odds fairPrice { odds } } } } } }'

/** One place on the way from subgraph to subgraph: alone, in a list, and whose it is. */
const CROSSINGS = {
  'Fixture.prediction': {
    alone: '{ fixture(id: "$fixture") { home prediction { basis } } }',
    list: '{ fixtures(first: 20) { edges { node { home prediction { basis } } } } }',
    seen: 'MARKET',
    of: 'ai',
  },
  'Bet.fairPrice': {
    alone: '{ bet(id: "$bet") { odds fairPrice { odds legs { odds } } } }',
    list: BETS,
    seen: '"fairPrice":{"odds":3000',
    of: 'ai',
  },
  'User.consents': {
    alone: '{ me { consents { edges { node { purpose } } } } }',
    list: `{ guild(id: "${SHARPS}") { members { edges { node { user {
      consents { edges { node { purpose } } } } } } } } }`,
    seen: 'terms',
    of: 'compliance',
  },
  'User.accounts': {
    alone: '{ me { accounts { edges { node { balance { amount } } } } } }',
    list: `{ guild(id: "${SHARPS}") { members { edges { node { user {
      accounts { edges { node { balance { amount } } } } } } } } } }`,
    seen: '"amount":"9',
    of: 'analytics',
  },
  'User.bets': {
    alone: '{ me { bets { edges { node { status } } } } }',
    list: `{ guild(id: "${SHARPS}") { members { edges { node { user {
      bets { edges { node { status } } } } } } } } }`,
    seen: 'OPEN',
    of: 'analytics',
  },
  'Guild.handle and Guild.hold': {
    alone: `{ guild(id: "${SHARPS}") { handle { amount } hold { share } } }`,
    list: '{ guilds { edges { node { name handle { amount } hold { share } } } } }',
    seen: '"amount":"3000"',
    of: 'analytics',
  },
  'Tenant.handle and Tenant.hold': {
    alone: '{ tenant(code: "acme") { name handle { amount } hold { share } } }',
    list: '{ tenants { edges { node { name handle { amount } hold { share } } } } }',
    seen: '"amount":"3000"',
    of: 'analytics',
  },
  'Guild.auditTrail': {
    alone: `{ guild(id: "${SHARPS}") { auditTrail { edges { node { action } } } } }`,
    list: '{ guilds { edges { node { name auditTrail { edges { node { action } } } } } } }',
    seen: 'bet.placed',
    of: 'compliance',
  },
  'Tenant.auditTrail': {
    alone: '{ tenant(code: "acme") { auditTrail(first: 50) { edges { node { action } } } } }',
    list: '{ tenants { edges { node { code auditTrail(first: 50) { edges { node { action } } } } } } }',
    seen: 'bet.placed',
    of: 'compliance',
  },
  'BetLeg.fixture': {
    alone: '{ bet(id: "$bet") { legs { fixture { home prediction { basis } } } } }',
    list: '{ me { bets { edges { node { legs { fixture { home prediction { basis } } } } } } } }',
    seen: 'MARKET',
    of: 'ai',
  },
} as const

/** Of one's own is asked as the member; of lists as who runs the tenant. */
const isOwn = (query: string) => query.includes('me {') || query.includes('bet(id')

describe('one question over all five subgraphs', () => {
  let platform: TestPlatform
  let acme: AcmeBets
  let ids: { fixture: string; bet: string }

  beforeAll(async () => {
    platform = await startPlatform()
    acme = await openAcmeBets(platform)
    const bets: string[] = []
    const games = [await acme.games.open(), await acme.games.open(), await acme.games.open()]
    for (const [index, game] of games.entries()) {
      const bet = betOn(acme.accountId, game, `crossing-bet-${index}`)
      bets.push((await changed(acme.member, 'placeBet', bet)).id)
    }
    ids = { fixture: games[0]?.fixtureId ?? '', bet: bets[0] ?? '' }
  }, 120_000)
  afterAll(async () => {
    await acme.games[Symbol.asyncDispose]()
    await platform[Symbol.asyncDispose]()
  })

  const fill = (query: string) => query.replace('$fixture', ids.fixture).replace('$bet', ids.bet)

  test('is answered whole, by a plan that asks each of them', async () => {
    const variables = { guild: SHARPS, fixture: ids.fixture }
    const asked = await untilAnswer(
      () => acme.admin(ALL, variables, { headers: { 'x-dbsbm-query-plan': '1' } }),
      ({ data }) => JSON.stringify(data).includes('"outcome"'),
    )
    expect(services(asked.extensions?.queryPlan)).toEqual(
      new Set(['ai', 'analytics', 'compliance', 'identity', 'tenancy']),
    )
    expect({ data: asked.data, errors: asked.errors }).toMatchInlineSnapshot(`
      {
        "data": {
          "fixture": {
            "home": "game 1 home",
            "prediction": {
              "basis": "MARKET",
              "probabilities": {
                "home": 0.3333333333333333,
              },
            },
          },
          "guild": {
            "auditTrail": {
              "edges": [
                {
                  "node": {
                    "guild": {
                      "name": "Acme Sharps",
                    },
                    "outcome": "DONE",
                  },
                },
              ],
            },
            "bettingLimits": [],
            "handle": [
              {
                "amount": "3000",
                "currency": "EUR",
              },
            ],
            "hold": [
              {
                "currency": "EUR",
                "share": null,
              },
            ],
            "members": {
              "edges": [
                {
                  "node": {
                    "user": {
                      "displayName": "Ada Acme",
                    },
                  },
                },
              ],
            },
            "name": "Acme Sharps",
          },
          "me": {
            "consents": {
              "edges": [
                {
                  "node": {
                    "purpose": "terms",
                    "tenant": {
                      "code": "acme",
                    },
                  },
                },
              ],
            },
            "displayName": "Ada Acme",
          },
        },
        "errors": undefined,
      }
    `)
  })

  describe.each(Object.entries(CROSSINGS))('%s', (_name, { alone, list, seen, of }) => {
    test.each([
      ['alone', alone],
      ['in a list', list],
    ] as const)('crosses %s', async (_how, query) => {
      const ask: Ask = isOwn(query) ? acme.member : acme.admin
      const headers = { 'x-dbsbm-query-plan': '1' }
      const answer = await untilAnswer(
        () => ask(fill(query), {}, { headers }),
        ({ data }) => JSON.stringify(data).includes(seen),
      )
      expect(answer.errors).toBeUndefined()
      expect(services(answer.extensions?.queryPlan)).toContain(of)
    })
  })

  test('a list crosses with as many statements as a single thing', async () => {
    const lists = [
      ['bets', BETS.replace('first: 20', 'first: 1'), BETS],
      [
        'fixtures',
        '{ fixtures(first: 1) { edges { node { prediction { basis } } } } }',
        '{ fixtures(first: 3) { edges { node { prediction { basis } } } } }',
      ],
    ] as const
    for (const [name, one, many] of lists) {
      await acme.member(many)
      const few = await statementsDuring(platform, () => acme.member(one))
      const all = await statementsDuring(platform, () => acme.member(many))
      expect(few.length).toBeGreaterThan(1)
      expect({ name, dearer: sentMoreOften(few, all) }).toEqual({ name, dearer: [] })
    }
  })
})

describe.each([
  ['ai', ['fixture.prediction']],
  ['compliance', ['guild.auditTrail', 'me.consents']],
] as const)('while %s does not answer', (name, missing) => {
  let platform: TestPlatform
  let acme: AcmeBets
  let fixture: string

  beforeAll(async () => {
    platform = await startPlatform()
    acme = await openAcmeBets(platform)
    fixture = (await acme.games.open()).fixtureId
    const service = platform.local.platform.services.find((one) => one.name === name)
    await service?.stop(0)
  }, 120_000)
  afterAll(async () => {
    await acme.games[Symbol.asyncDispose]()
    await platform[Symbol.asyncDispose]()
  })

  test('only its fields are null, each with an error that says why', async () => {
    const { data, errors } = await acme.admin(ALL, { guild: SHARPS, fixture })
    const told = errors?.map(({ extensions: { code, ...details } }) => ({ code, ...details }))
    expect(told).toEqual(missing.map(() => ({ code: 'SUBGRAPH_UNREACHABLE', subgraph: name })))
    const answer = data as Record<string, Record<string, unknown> | null>
    expect(answer.me).toMatchObject({ displayName: 'Ada Acme' })
    expect(answer.guild).toMatchObject({ name: 'Acme Sharps', handle: [], bettingLimits: [] })
    expect(answer.fixture).toMatchObject({ home: expect.stringMatching(/home$/) })
    for (const path of missing) {
      const [field = '', inner = ''] = path.split('.')
      expect(answer[field]?.[inner]).toBeNull()
    }
  })
})

test('without compliance no bet is taken and no money comes in; what was taken stays', async () => {
  await using platform = await startPlatform()
  const { games, member, admin, accountId } = await openAcmeBets(platform)
  await using _games = games
  const game = await games.open()
  await changed(member, 'placeBet', betOn(accountId, game, 'taken-before'))
  const compliance = platform.local.platform.services.find(({ name }) => name === 'compliance')
  await compliance?.stop(0)
  const place = 'mutation ($input: PlaceBetInput!) { placeBet(input: $input) { id } }'
  const bet = { input: betOn(accountId, game, 'refused-bet') }
  expect(await shown(member, place, bet)).toEqual({
    data: { placeBet: null },
    refused: ['placeBet: COMPLIANCE_UNAVAILABLE'],
  })
  const deposit = 'mutation ($input: DepositInput!) { deposit(input: $input) { id } }'
  const money = { input: { accountId, money: eur(500), idempotencyKey: 'refused-deposit' } }
  expect(await shown(admin, deposit, money)).toEqual({
    data: { deposit: null },
    refused: ['deposit: COMPLIANCE_UNAVAILABLE'],
  })
  type Me = { accounts: { edges: { node: { balance: { amount: string } } }[] } }
  const { accounts } = await take<Me>(member, CROSSINGS['User.accounts'].alone)
  expect(accounts.edges[0]?.node.balance.amount).toBe('99000')
  expect(await take(await platform.as(PEOPLE.acmeMember), BETS)).toMatchObject({
    bets: { edges: [{ node: { odds: 2_000 } }] },
  })
}, 120_000)

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLES } from '../kit/examples.ts'
import { type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { sentMoreOften, shown, statementsDuring, untilAnswer } from './world.ts'

const REGISTER = `mutation Register($input: RegisterGuildInput!) {
  registerGuild(input: $input) { id name tenant { code } }
}`
const ADD_MEMBER = `mutation Add($input: AddGuildMemberInput!) {
  addGuildMember(input: $input) { user { displayName } guild { id name } }
}`
const FOLLOW = `mutation Follow($input: FollowCompetitionInput!) {
  followCompetition(input: $input) { competition guild { name } tenant { code } }
}`
const BOARD = `query Board($first: Int!) {
  guilds(first: $first) {
    edges { node {
      name
      tenant { code }
      members(first: 3) { edges { node { user { displayName } } } }
      follows(first: 3) { edges { node { competition } } }
      fixtures(first: 3) { edges { node { home } } }
    } }
  }
}`

const firstGuildId = 81384788765713000n

describe('one question over subgraphs', () => {
  let platform: TestPlatform
  let admin: Ask
  let operator: Ask

  beforeAll(async () => {
    platform = await startPlatform({
      env: { ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: '1' },
    })
    admin = await platform.as(PEOPLE.acmeAdmin)
    operator = await platform.as(PEOPLE.operator)
  })
  afterAll(() => platform[Symbol.asyncDispose]())

  test('competitions are kept for a minute by whoever asked by GET, and by nobody else', async () => {
    const token = await platform.tokenOf(PEOPLE.operator)
    const query = encodeURIComponent('{ competitions { name } }')
    const answer = await fetch(`${platform.url}?query=${query}`, {
      headers: { authorization: `Bearer ${token}`, 'apollo-require-preflight': '1' },
    })
    expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
    expect(answer.headers.get('vary')).toContain('authorization')
    expect(await answer.json()).toMatchObject({ data: { competitions: expect.any(Array) } })
  })

  test("the playground's question finds guilds, their members and the odds that they follow", async () => {
    type Board = {
      guilds: {
        edges: {
          node: {
            name: string
            members: { edges: { node: { user: { displayName: string } } }[] }
            fixtures: { edges: { node: { home: string; markets: { selections: unknown[] }[] } }[] }
          }
        }[]
      }
    }
    const question = EXAMPLES[1] ?? ''
    const { data, errors } = await untilAnswer(
      () => operator(question),
      (answer) => JSON.stringify(answer.data).includes('"home"'),
    )
    expect(errors).toBeUndefined()
    const nodes = (data as Board).guilds.edges.map(({ node }) => node)
    const [sharps] = nodes.filter(({ name }) => name === 'Acme Sharps')
    expect(sharps?.members.edges.map(({ node }) => node.user.displayName)).toEqual([
      'Ada Acme',
      'Anna Analyst',
      'Max Member',
    ])
    expect(sharps?.fixtures.edges.length).toBeGreaterThan(0)
    expect(sharps?.fixtures.edges[0]?.node.markets.length).toBeGreaterThan(0)
  })

  test('a person leads to guilds and tenants, and they to people and follows', async () => {
    const question = `{ me {
      displayName
      tenants { edges { node { code members(first: 2) { edges { node { user { email } } } } } } }
      guilds { edges { node { name follows { edges { node { competition } } } } } }
    } }`
    expect(await shown(admin, question)).toMatchInlineSnapshot(`
      {
        "data": {
          "me": {
            "displayName": "Ada Acme",
            "guilds": {
              "edges": [
                {
                  "node": {
                    "follows": {
                      "edges": [
                        {
                          "node": {
                            "competition": "Simulated League",
                          },
                        },
                      ],
                    },
                    "name": "Acme Sharps",
                  },
                },
              ],
            },
            "tenants": {
              "edges": [
                {
                  "node": {
                    "code": "acme",
                    "members": {
                      "edges": [
                        {
                          "node": {
                            "user": {
                              "email": "admin@acme.example",
                            },
                          },
                        },
                        {
                          "node": {
                            "user": {
                              "email": "analyst@acme.example",
                            },
                          },
                        },
                      ],
                    },
                  },
                },
              ],
            },
          },
        },
        "refused": [],
      }
    `)
  })

  test('the plan of a question is told to those who ask for it', async () => {
    const { extensions } = await admin(
      BOARD,
      { first: 1 },
      { headers: { 'x-dbsbm-query-plan': '1' } },
    )
    const { text } = Object(extensions?.queryPlan) as { text: string }
    const services = [...text.matchAll(/Fetch\(service: "(\w+)"/g)].map(([, name]) => name)
    expect(new Set(services)).toEqual(new Set(['tenancy', 'identity', 'analytics']))
    expect((await admin(BOARD, { first: 1 })).extensions?.queryPlan).toBeUndefined()
  })

  test('a guild that tenancy registers becomes known to identity and analytics', async () => {
    const guildId = `${firstGuildId}`
    const registered = await shown(admin, REGISTER, {
      input: { tenantId: '1', guildId, name: 'Newcomers' },
    })
    expect(registered).toEqual({
      data: { registerGuild: { id: guildId, name: 'Newcomers', tenant: { code: 'acme' } } },
      refused: [],
    })
    const member = { input: { guildId, email: PEOPLE.acmeMember.email } }
    const added = await untilAnswer(
      () => shown(admin, ADD_MEMBER, member),
      ({ refused }) => refused.length === 0,
    )
    expect(added.data).toEqual({
      addGuildMember: {
        user: { displayName: 'Max Member' },
        guild: { id: guildId, name: 'Newcomers' },
      },
    })
    const follow = { input: { guildId, competition: 'Premier League' } }
    const followed = await untilAnswer(
      () => shown(admin, FOLLOW, follow),
      ({ refused }) => refused.length === 0,
    )
    expect(followed.data).toEqual({
      followCompetition: {
        competition: 'Premier League',
        guild: { name: 'Newcomers' },
        tenant: { code: 'acme' },
      },
    })
  })

  test('refused: a guild of another tenant, by everybody but its own people', async () => {
    const guildId = '197038439483310086'
    const added = await shown(admin, ADD_MEMBER, {
      input: { guildId, email: PEOPLE.acmeMember.email },
    })
    expect(added).toEqual({
      data: { addGuildMember: null },
      refused: ['addGuildMember: MEMBER_GUILD_UNKNOWN'],
    })
  })
})

test('thirty guilds cost as many statements as three', async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  for (let index = 1n; index <= 30n; index++) {
    const guildId = `${firstGuildId + index}`
    const input = { tenantId: '1', guildId, name: `Guild ${index}` }
    const { errors } = await admin(REGISTER, { input })
    expect(errors).toBeUndefined()
    const { email } = PEOPLE.acmeMember
    await untilAnswer(
      () => shown(admin, ADD_MEMBER, { input: { guildId, email } }),
      ({ refused }) => refused.length === 0,
    )
  }
  const few = await statementsDuring(platform, () => admin(BOARD, { first: 3 }))
  const many = await statementsDuring(platform, () => admin(BOARD, { first: 30 }))
  expect(few.length).toBeGreaterThan(3)
  expect(sentMoreOften(few, many)).toEqual([])
}, 60_000)

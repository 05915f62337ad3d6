import { expect, test } from 'vitest'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { GLOBEX_GUILD, openAnalytics, userOf } from '../analytics-kit.ts'

const SIMULATOR = { kind: 'simulator', seed: 'demo', intervalSeconds: 60 } as const
const OWN = `{ _entities(representations: [{ __typename: "User", id: "4" }]) { ... on User {
  accounts { edges { node { balance { amount currency } entries { edges { node { transfer { note } } } } } } } } } }`

test('the demo’s members have play money to bet with, once, and its note says what it is', async () => {
  await using world = await openAnalytics({ oddsFeed: SIMULATOR })
  const first = await world.service.seed()
  expect(first.lines).toContain('3 people of the demo have 1,000.00 EUR of play money')
  expect(await world.service.seed()).toEqual({ lines: [] })
  const member = userOf({ kind: 'none' }, [], '4')
  const [{ accounts }] = (await world.ask(member, OWN)).data._entities
  expect(accounts.edges).toEqual([
    {
      node: {
        balance: { amount: '100000', currency: 'EUR' },
        entries: {
          edges: [{ node: { transfer: { note: expect.stringContaining('Play money') } } }],
        },
      },
    },
  ])
})

test('a demo guild that moved away gets no play money', async () => {
  await using world = await openAnalytics({ oddsFeed: SIMULATOR })
  await world.deliver('moved', 'guild.moved', { guildId: GLOBEX_GUILD, tenantId: '1' })
  const { lines } = await world.service.seed()
  expect(lines).toContain('2 people of the demo have 1,000.00 EUR of play money')
  expect(await world.database.acrossTenants().count(Transfer, { guildId: GLOBEX_GUILD })).toBe(0)
})

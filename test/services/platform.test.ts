import { expect, test } from 'vitest'
import { shown, take, untilAnswer } from '../federation/world.ts'
import { EXAMPLES } from '../kit/examples.ts'
import { openEventStream } from '../kit/live-clients.ts'
import { startMariadbPlatform } from '../kit/mariadb-platform.ts'
import { PEOPLE } from '../kit/platform.ts'

const FLAG = `mutation Flag($input: SetFeatureFlagInput!) {
  setFeatureFlag(input: $input) { key tenant { code } }
}`

test('the whole platform on MariaDB: sign-in, a question over three subgraphs, a change, its event', async () => {
  await using platform = await startMariadbPlatform()
  const token = await platform.tokenOf(PEOPLE.acmeAdmin)
  const admin = platform.with(token)
  type Board = { edges: { node: { name: string; members: { edges: unknown[] } } }[] }
  const { edges } = await take<Board>(admin, EXAMPLES[1] ?? '')
  expect(edges.map(({ node }) => [node.name, node.members.edges.length])).toEqual([
    ['Acme Sharps', 3],
    ['Acme Parlay Club', 1],
  ])
  const query = 'subscription { tenancyChanged(tenantId: "1") { type targetId tenant { code } } }'
  await using stream = await openEventStream(
    platform.url,
    { query },
    { authorization: `Bearer ${token}` },
  )
  const input = { tenantId: '1', key: 'on.mariadb', isEnabled: true, description: 'A flag.' }
  expect(await shown(admin, FLAG, { input })).toEqual({
    data: { setFeatureFlag: { key: 'on.mariadb', tenant: { code: 'acme' } } },
    refused: [],
  })
  const [event] = await untilAnswer(
    async () => stream.events,
    (events) => events.length > 0,
  )
  expect(event?.data).toMatchObject({
    data: {
      tenancyChanged: { type: 'flag.set', targetId: 'on.mariadb', tenant: { code: 'acme' } },
    },
    extensions: { cursor: expect.any(String) },
  })
})

import { Repeater } from 'graphql-yoga'
import { expect, test } from 'vitest'
import { composeSdl } from '../../kit/federation.ts'
import { startStandaloneWorld, until } from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'

/** A subgraph that tells of goals and cards, as a test says. */
function matchSource() {
  const channels = new Set<(event: object) => void>()
  const typesOf = (names: readonly string[]) => `
    type Query { nothing: Int }
    interface Happening { at: Int }
    ${names.map((name) => `type ${name} implements Happening { at: Int }`).join(' ')}
    type Subscription { happened: Happening }`
  const subscribe = () =>
    new Repeater<object>(async (push, stop) => {
      const channel = (happened: object) => void push({ happened })
      channels.add(channel)
      await stop
      channels.delete(channel)
    })
  return {
    typesOf,
    source: {
      name: 'match',
      typeDefs: typesOf(['Goal', 'Card']),
      resolvers: { Subscription: { happened: { subscribe } } },
    },
    listeners: () => channels.size,
    tell: (type: string, at: number) => {
      for (const channel of channels) channel({ __typename: type, at })
    },
  }
}

test('an event of a type that the supergraph no longer has is told as an error, and the stream goes on', async () => {
  const match = matchSource()
  await using alone = await startStandaloneWorld({ subgraphs: [match.source] })
  using socket = openSocketClient(alone.websocket)
  const followed = socket.subscribe('subscription { happened { __typename at } }')
  await until(() => match.listeners() === 1)
  match.tell('Card', 1)
  await until(() => followed.results.length === 1)
  const url = alone.subgraphs.match?.url ?? ''
  const sdl = composeSdl([{ name: 'match', typeDefs: match.typesOf(['Goal']), url }])
  await alone.gateway.supergraph.swap(sdl)
  match.tell('Card', 2)
  match.tell('Goal', 3)
  await until(() => followed.results.length === 3)
  expect(followed.results).toMatchObject([
    { data: { happened: { __typename: 'Card', at: 1 } } },
    { data: { happened: null }, errors: [{ extensions: { code: 'SUBGRAPH_VALUE_INVALID' } }] },
    { data: { happened: { __typename: 'Goal', at: 3 } } },
  ])
})

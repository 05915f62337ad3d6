import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FetchSubgraph, SubgraphAnswer } from '#gateway/engine/execute-plan.ts'
import type { StreamSubgraph } from '#gateway/engine/subscribe.ts'
import { gatewayError } from '#gateway/errors.ts'
import { zoo } from '../access/zoo.ts'
import {
  anonymous,
  federatedWorld,
  type Loaded,
  loadWorld,
  viewerWith,
  type World,
} from './federated-world.ts'
import { createFollowers, type FollowOptions } from './follow.ts'
import { createFeed, market } from './market.ts'

let world: World
let loaded: Loaded

beforeAll(async () => {
  world = federatedWorld(market)
  loaded = await loadWorld(world)
})

beforeEach(() => {
  world.calls.length = 0
})

type Feed = ReturnType<typeof createFeed<SubgraphAnswer>>

const sold = (id: string, cursor?: string): SubgraphAnswer => ({
  data: { sold: { __typename: 'Book', id, title: `title ${id}` } },
  ...(cursor ? { extensions: { cursor, internal: 'not for clients' } } : {}),
})

/** Subscribes to a feed that the test writes to, in place of the primary subgraph. */
async function follow(feed: Feed, query: string, more: Partial<FollowOptions> = {}) {
  const opened: Parameters<StreamSubgraph>[] = []
  const reported: unknown[] = []
  const stream = await createFollowers(loaded).follow({
    query,
    fetchSubgraph: world.fetchSubgraph,
    report: (failure) => reported.push(failure),
    streamSubgraph: (...call) => {
      opened.push(call)
      call[2].addEventListener('abort', () => feed.end(), { once: true })
      return feed.read()
    },
    ...more,
  })
  return { stream, opened, reported }
}

async function take(stream: AsyncIterator<unknown>) {
  const { value, done } = await stream.next()
  return done ? 'ended' : JSON.parse(JSON.stringify(value))
}

describe('a federated subscription', () => {
  test('completes each event from the other subgraphs in the shape of the client', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const query = 'subscription { bought: sold { cost: price title seller { name } } }'
    const { stream, opened } = await follow(feed, query)
    feed.push({ data: { bought: { __typename: 'Book', id: 'b1', title: 'title b1' } } })
    const result = await take(stream)
    expect(JSON.stringify(result)).toBe(
      '{"data":{"bought":{"cost":10,"title":"title b1","seller":{"name":"seller s1"}}}}',
    )
    expect(opened.map(([name, { kind }]) => [name, kind])).toEqual([['catalogue', 'subscription']])
    expect(world.calls.map(({ subgraph }) => subgraph)).toEqual(['prices', 'sellers'])
  })

  test('runs against a real stream of a subgraph', async () => {
    const [catalogue, ...others] = Object.entries(market)
    if (!catalogue) throw new Error('no catalogue')
    const [name, { sdl, resolvers }] = catalogue
    const live = federatedWorld({
      [name]: {
        sdl,
        resolvers: {
          ...resolvers,
          Subscription: {
            sold: {
              async *subscribe() {
                yield { sold: { id: 'b1' } }
                yield { sold: { id: 'b3' } }
              },
            },
          },
        },
      },
      ...Object.fromEntries(others),
    })
    const supergraph = await loadWorld(live)
    const stream = await createFollowers(supergraph).follow({
      query: 'subscription { sold { title price stars } }',
      fetchSubgraph: live.fetchSubgraph,
      streamSubgraph: live.streamSubgraph,
      report: () => undefined,
    })
    expect([await take(stream), await take(stream), await take(stream)]).toEqual([
      { data: { sold: { title: 'title b1', price: 10, stars: 3 } } },
      { data: { sold: { title: 'title b3', price: 30, stars: 3 } } },
      'ended',
    ])
  })

  test('keeps the cursor of the event and nothing else of its extensions', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream } = await follow(feed, 'subscription { sold { title } }')
    feed.push(sold('b1', 'cursor-7'))
    expect(await take(stream)).toEqual({
      data: { sold: { title: 'title b1' } },
      extensions: { cursor: 'cursor-7' },
    })
  })

  test('keeps what an event says of the way to it, where that is a yes or a no', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream } = await follow(feed, 'subscription { sold { title } }')
    const marks = [
      { cursor: 'c1', recovered: true },
      { cursor: 'c2', recovered: false },
      { cursor: 'c3', recovered: 'perhaps' },
      { recovered: false },
    ]
    const told: unknown[] = []
    for (const extensions of marks) {
      feed.push({ ...sold('b1'), extensions })
      told.push((await take(stream)).extensions)
    }
    expect(told).toEqual([marks[0], marks[1], { cursor: 'c3' }, { recovered: false }])
  })

  test('sends the resume of the client along with the primary request', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const resume = 'cursor-7'
    const { stream, opened } = await follow(feed, 'subscription { sold { title } }', { resume })
    feed.end()
    expect(await take(stream)).toBe('ended')
    expect(opened[0]?.[1].extensions).toEqual({ resume })
  })

  test('reads a bounded number of events ahead of whoever takes them', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream } = await follow(feed, 'subscription { sold { title } }')
    feed.push(...Array.from({ length: 200 }, () => sold('b1')))
    await take(stream)
    for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate)
    expect(feed.state.taken).toBe(66)
    await take(stream)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    expect(feed.state.taken).toBe(67)
  })

  test('coerces variables, and refuses wrong ones', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const query =
      'subscription ($with: Boolean! = false) { sold { title price @include(if: $with) } }'
    const other = createFeed<SubgraphAnswer>()
    for (const one of [feed, other]) one.push(sold('b1'))
    const plain = await follow(feed, query)
    expect(await take(plain.stream)).toEqual({ data: { sold: { title: 'title b1' } } })
    const priced = await follow(other, query, { variables: { with: true } })
    expect(await take(priced.stream)).toEqual({ data: { sold: { title: 'title b1', price: 10 } } })
    const wrong = await follow(feed, query, { variables: { with: 'perhaps' } })
    expect((await take(wrong.stream)).errors[0].message).toContain('$with')
    expect(await take(wrong.stream)).toBe('ended')
    expect(wrong.opened).toEqual([])
  })
})

describe('errors', () => {
  test('of an event stay with the event', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream } = await follow(feed, 'subscription { sold { title } }')
    feed.push({ data: null, errors: [{ message: 'this one failed', path: ['sold'] }] }, sold('b1'))
    expect(await take(stream)).toMatchObject({
      data: null,
      errors: [{ message: 'this one failed' }],
    })
    expect(await take(stream)).toEqual({ data: { sold: { title: 'title b1' } } })
  })

  test('of a fetch for an event leave out its part', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream } = await follow(feed, 'subscription { sold { title price } }')
    feed.push(sold('b2'), sold('b1'))
    expect(await take(stream)).toMatchObject({
      data: { sold: { title: 'title b2', price: null } },
      errors: [{ message: 'no price for b2', path: ['sold', 'price'] }],
    })
    expect(await take(stream)).toEqual({ data: { sold: { title: 'title b1', price: 10 } } })
  })

  test('of the stream end this subscription with its code, and no other', async () => {
    const [broken, whole] = [createFeed<SubgraphAnswer>(), createFeed<SubgraphAnswer>()]
    const query = 'subscription { sold { title } }'
    const [first, second] = [await follow(broken, query), await follow(whole, query)]
    broken.fail(gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: 'catalogue' }))
    expect(await take(first.stream)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'SUBGRAPH_UNREACHABLE' } }],
    })
    expect(await take(first.stream)).toBe('ended')
    whole.push(sold('b1'))
    expect(await take(second.stream)).toEqual({ data: { sold: { title: 'title b1' } } })
  })

  test('without a code are told as an interruption and reported', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream, reported } = await follow(feed, 'subscription { sold { title } }')
    feed.fail(new Error('ECONNRESET 10.0.0.7'))
    const result = await take(stream)
    expect(result.errors[0].extensions.code).toBe('SUBSCRIPTION_INTERRUPTED')
    expect(JSON.stringify(result)).not.toContain('10.0.0.7')
    expect(reported).toEqual([new Error('ECONNRESET 10.0.0.7')])
  })

  test('of an operation that is no subscription are coded', async () => {
    await expect(follow(createFeed<SubgraphAnswer>(), '{ book(id: 1) { title } }')).rejects.toThrow(
      expect.objectContaining({ code: 'OPERATION_NOT_PLANNABLE' }),
    )
  })
})

describe('ending', () => {
  test('return() ends the stream of the subgraph while an event is awaited', async () => {
    const feed = createFeed<SubgraphAnswer>()
    const { stream, opened } = await follow(feed, 'subscription { sold { title } }')
    const pending = stream.next()
    await new Promise(setImmediate)
    await stream.return(undefined)
    expect((await pending).done).toBe(true)
    expect(opened[0]?.[2].aborted).toBe(true)
  })

  test('whoever leaves amid a fetch hears nothing more, and the stream ends', async () => {
    const feed = createFeed<SubgraphAnswer>()
    let leave = () => {}
    const fetchSubgraph: FetchSubgraph = async (...call) => {
      leave()
      return world.fetchSubgraph(...call)
    }
    const { stream, opened } = await follow(feed, 'subscription { sold { title price } }', {
      fetchSubgraph,
    })
    leave = () => void stream.return(undefined)
    feed.push(sold('b1'))
    expect(await take(stream)).toBe('ended')
    expect(opened[0]?.[2].aborted).toBe(true)
  })
})

describe('access', () => {
  test('refused fields are null in each event and never asked for', async () => {
    const park = federatedWorld(zoo)
    const supergraph = await loadWorld(park)
    const requests: string[] = []
    const query = 'subscription { fed { name email shifts { notes day } } }'
    const open = (viewer = anonymous) =>
      createFollowers(supergraph).follow({
        ...{ query, viewer },
        fetchSubgraph: park.fetchSubgraph,
        report: () => undefined,
        streamSubgraph: async function* (_name, { query: asked }) {
          requests.push(asked)
          const fed = { __typename: 'Keeper', id: 'k1', name: 'Kim', email: 'kim@zoo.example' }
          yield { data: { fed } }
        },
      })
    const refused = await take(await open())
    expect(refused.data).toEqual({
      fed: { name: 'Kim', email: null, shifts: [{ notes: null, day: 'monday of k1' }] },
    })
    expect(refused.errors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'fed.shifts.@.notes',
      'fed.email',
    ])
    expect(requests.join()).not.toContain('email')
    const allowed = await take(await open(viewerWith('all:read')))
    expect(allowed).toEqual({
      data: {
        fed: {
          name: 'Kim',
          email: 'kim@zoo.example',
          shifts: [{ notes: 'n', day: 'monday of k1' }],
        },
      },
    })
  })

  test('a fully refused subscription opens nothing', async () => {
    const park = federatedWorld(zoo)
    const supergraph = await loadWorld(park)
    const stream = await createFollowers(supergraph).follow({
      query: 'subscription { escaped { __typename } }',
      fetchSubgraph: park.fetchSubgraph,
      report: () => undefined,
      streamSubgraph: () => {
        throw new Error('nothing may be opened')
      },
    })
    expect(await take(stream)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' }, path: ['escaped'] }],
    })
    expect(await take(stream)).toBe('ended')
  })
})

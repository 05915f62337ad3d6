import { afterEach, describe, expect, test } from 'vitest'
import { askPolicies, type Policies, type PolicyQuestion } from '#gateway/access/policies.ts'
import { createLog } from '#kernel/log.ts'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import {
  anonymous,
  ask,
  federatedWorld,
  LINK,
  loadWorld,
  operationOf,
  viewerWith,
} from '../engine/federated-world.ts'

const HOUSE = {
  house: {
    sdl: `${LINK}
      type Query {
        open: String
        vault: String @policy(policies: [["guard"], ["owner", "daytime"]])
        diary: String @authenticated @policy(policies: [["owner"]])
        cellar: Cellar
        shapes: [Shape]
      }
      type Cellar @policy(policies: [["cellarman"]]) { wine: String }
      interface Shape { edges: Int }
      type Round implements Shape { edges: Int }
      type Square implements Shape { edges: Int @policy(policies: [["geometer"]]) }
    `,
    resolvers: {
      Query: {
        open: () => 'open',
        vault: () => 'gold',
        diary: () => 'dear diary',
        cellar: () => ({ wine: 'red' }),
        shapes: () => [{ __typename: 'Round', edges: 1 }],
      },
    },
  },
}

/** Policies that grant what a list says, and the names that were asked, in order. */
function remembering(granted: readonly string[]) {
  const asked: string[] = []
  const names = ['guard', 'owner', 'daytime', 'cellarman', 'geometer']
  const policies: Policies = Object.fromEntries(
    names.map((name) => [
      name,
      async () => {
        asked.push(name)
        return granted.includes(name)
      },
    ]),
  )
  return { policies, asked }
}

async function house(granted: readonly string[]) {
  const { policies, asked } = remembering(granted)
  const loaded = await loadWorld(federatedWorld(HOUSE), { enforcer: { policies } })
  return { loaded, asked }
}

describe('which policies are asked', () => {
  test('those that the operation touches, each once, however often it stands there', async () => {
    const { loaded, asked } = await house(['owner', 'daytime'])
    const query = '{ vault again: vault ... on Query { third: vault } open }'
    expect(await ask(loaded, { query, viewer: viewerWith() })).toEqual({
      data: { vault: 'gold', again: 'gold', third: 'gold', open: 'open' },
    })
    expect(asked.sort()).toEqual(['daytime', 'guard', 'owner'])
  })

  test('none for an operation that touches none', async () => {
    const { loaded, asked } = await house(['owner'])
    expect(await ask(loaded, { query: '{ open }' })).toEqual({ data: { open: 'open' } })
    expect(loaded.policiesFor(operationOf('{ open }'), anonymous)).not.toBeInstanceOf(Promise)
    expect(asked).toEqual([])
  })

  test('none for what another stage has taken out before', async () => {
    const { loaded, asked } = await house(['owner'])
    expect((await ask(loaded, { query: '{ open diary }' })).data).toEqual({
      open: 'open',
      diary: null,
    })
    expect(asked).toEqual([])
    const known = await ask(loaded, { query: '{ open diary }', viewer: viewerWith() })
    expect(known.data).toEqual({ open: 'open', diary: 'dear diary' })
    expect(asked).toEqual(['owner'])
  })

  test('those of the type that a field returns, and of every implementer', async () => {
    const { loaded, asked } = await house(['cellarman'])
    expect(
      (await ask(loaded, { query: '{ open cellar { wine } shapes { edges } }' })).data,
    ).toEqual({ open: 'open', cellar: { wine: 'red' }, shapes: null })
    expect(asked.sort()).toEqual(['cellarman', 'geometer'])
  })

  test('the answers are part of what is remembered, so that none is taken for another', async () => {
    let isGuard = false
    const policies: Policies = { guard: () => isGuard, owner: () => false, daytime: () => true }
    const loaded = await loadWorld(federatedWorld(HOUSE), { enforcer: { policies } })
    const vault = async () => (await ask(loaded, { query: '{ open vault }' })).data?.vault
    expect(await vault()).toBeNull()
    isGuard = true
    expect(await vault()).toBe('gold')
    isGuard = false
    expect(await vault()).toBeNull()
  })
})

describe('what counts as a grant', () => {
  const logged: Record<string, unknown>[] = []
  const log = createLog({
    level: 'debug',
    name: 'test',
    destination: { write: (line) => void logged.push(JSON.parse(line)) },
  })
  const decisions = () => logged.map(({ policy, decision }) => [policy, decision])
  const court = (policies: Policies) => ({ policies, timeoutMs: 20, log })
  afterEach(() => void logged.splice(0))

  test('true and nothing else', async () => {
    const odd = { yes: () => 1, text: async () => 'true', nothing: () => undefined } as object
    const granted = await askPolicies(
      court({ ...(odd as Policies), no: () => false, truly: async () => true }),
      ['yes', 'text', 'nothing', 'no', 'truly', 'constructor', 'unknown'],
      viewerWith(),
    )
    expect([...granted]).toEqual(['truly'])
    expect(Object.fromEntries(decisions())).toEqual({
      yes: 'denied',
      text: 'denied',
      nothing: 'denied',
      no: 'denied',
      truly: 'granted',
      constructor: 'unregistered',
      unknown: 'unregistered',
    })
  })

  test('no answer that comes too late; whoever thinks is told', async () => {
    const seen: PolicyQuestion[] = []
    const slow = async (question: PolicyQuestion) => {
      seen.push(question)
      await new Promise((resolve) => question.signal.addEventListener('abort', resolve))
      return true
    }
    expect([...(await askPolicies(court({ slow }), ['slow'], viewerWith()))]).toEqual([])
    expect(seen[0]?.signal.aborted).toBe(true)
    expect(decisions()).toContainEqual(['slow', 'timed out'])
  })

  test('no failure, at once or later, and it is logged with its cause', async () => {
    const policies: Policies = {
      throws: () => {
        throw new Error('broken')
      },
      rejects: async () => Promise.reject(new Error('down')),
    }
    const granted = await askPolicies(court(policies), ['throws', 'rejects'], viewerWith())
    expect([...granted]).toEqual([])
    const causes = logged.flatMap(({ err }) => (err ? [(err as Error).message] : []))
    expect(causes).toEqual(['broken', 'down'])
  })
})

describe('through the door', () => {
  let world: PlatformWorld
  const asked: string[] = []
  afterEach(async () => {
    await world[Symbol.asyncDispose]()
    asked.length = 0
  })

  async function start(isGranted: boolean) {
    const member = async ({ viewer }: PolicyQuestion) => {
      asked.push(viewer.kind)
      return isGranted
    }
    const club = {
      name: 'club',
      typeDefs: `
        type Query { open: String bar: String @policy(policies: [["member"]]) }
        type Subscription { news: String @policy(policies: [["member"]]) }
      `,
      resolvers: {
        Query: { open: () => 'open', bar: () => 'a drink' },
        Subscription: {
          news: {
            subscribe: async function* () {
              yield { news: 'one' }
              yield { news: 'two' }
            },
          },
        },
      },
    }
    world = await startPlatformWorld({ subgraphs: [club], options: { policies: { member } } })
    await until(() => world.identity.asked.get('/revocations') === 1)
  }

  test.each([true, false])(
    'granted %s: queries, sockets and event streams alike',
    async (isGranted) => {
      await start(isGranted)
      const bar = isGranted ? 'a drink' : null
      for (const headers of [{}, { 'x-dbsbm-query-plan': '0' }]) {
        const { body } = await world.ask('{ open bar }', { headers })
        expect(body.data).toEqual({ open: 'open', bar })
      }
      using socket = openSocketClient(world.websocket)
      const { results, ended } = socket.subscribe('subscription { news }')
      await ended
      await using stream = await openEventStream(world.endpoint, { query: 'subscription { news }' })
      await stream.ended
      const news = isGranted ? [{ news: 'one' }, { news: 'two' }] : [null]
      expect(results.map(({ data }) => data)).toEqual(news)
      const told = stream.events.flatMap(({ data }) =>
        data ? [(data as { data: unknown }).data] : [],
      )
      expect(told).toEqual(news)
      // Once for an operation, whether it streams or not.
      expect(asked).toEqual(['anonymous', 'anonymous', 'anonymous', 'anonymous'])
    },
  )

  test('a policy that nobody registered is told of at the start', async () => {
    const club = {
      name: 'club',
      typeDefs: 'type Query { bar: String @policy(policies: [["member"], ["guest"]]) }',
      resolvers: { Query: { bar: () => 'a drink' } },
    }
    const policies: Policies = { member: () => true }
    world = await startPlatformWorld({ subgraphs: [club], options: { policies } })
    expect(world.logged.join()).toContain('"policies":["guest"]')
  })
})

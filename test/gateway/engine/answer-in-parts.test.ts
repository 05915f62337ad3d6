import fc from 'fast-check'
import { type ExecutionResult, validate } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import type { ExecutionRequest } from '#gateway/engine/operation-executor.ts'
import { partsOf } from '#gateway/engine/parts-of-operation.ts'
import { gatewayError } from '#gateway/errors.ts'
import { createInFlight } from '#gateway/transport/in-flight.ts'
import { zoo } from '../access/zoo.ts'
import {
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  viewerWith,
  type World,
} from './federated-world.ts'
import { randomQuery } from './random-query.ts'

const keeper = viewerWith(
  ...['email:read', 'people:read', 'all:read', 'money:read', 'ids:read', 'cats:read', 'maybe:read'],
)
const FLAGS = [true, false, true, false]

describe('operations that several ask at once with other variables', () => {
  let world: World
  let loaded: Loaded

  beforeAll(async () => {
    world = federatedWorld(zoo)
    loaded = await loadWorld(world)
  })

  const authorised = async (query: string) => {
    const operation = operationOf(query)
    const granted = await loaded.policiesFor(operation, keeper)
    return loaded.authorise(operation, keeper, granted)
  }
  type Authorised = Awaited<ReturnType<typeof authorised>>
  const sharing = { askedAs: () => ({ viewer: keeper, sharedAs: '' }) }

  /** What each of them is answered, word for word. */
  const together = async (
    filtered: Authorised,
    isShared: boolean,
    fetchSubgraph = loaded.reached.fetchSubgraph,
  ) => {
    const shared = { ...sharing, answers: createInFlight<ExecutionResult>() }
    const answers = FLAGS.map((flag) =>
      loaded.executor(filtered, {
        ...{ variables: { flag }, ...loaded.reached, fetchSubgraph },
        ...(isShared ? { sharing: shared, fetchForPart: () => fetchSubgraph } : {}),
      }),
    )
    return (await Promise.all(answers)).map((answer) => JSON.stringify(answer))
  }

  test('are answered as each of them is alone, word for word', async () => {
    let inParts = 0
    const property = fc.asyncProperty(randomQuery(loaded.apiSchema), async (query) => {
      if (validate(loaded.apiSchema, operationOf(query).document).length > 0) return
      const filtered = await authorised(query)
      const alone = await together(filtered, false)
      // Whole, while the parts are not planned yet.
      expect(await together(filtered, true)).toEqual(alone)
      const parts = partsOf(filtered)
      if (parts.length === 0) return
      inParts++
      for (const part of parts) await together(part, false)
      expect(await together(filtered, true)).toEqual(alone)
    })
    await fc.assert(property, { numRuns: 2000 })
    expect(inParts).toBeGreaterThan(20)
  })

  test('ask once for what their variables do not decide', async () => {
    const filtered = await authorised(
      'query ($flag: Boolean!) { mood maybe(on: $flag) keepers { name } }',
    )
    const callsOf = async () => {
      world.calls.length = 0
      await together(filtered, true)
      return world.calls.length
    }
    const first = await callsOf()
    await expect.poll(callsOf).toBeLessThan(first + 2)
    expect(world.calls.filter(({ query }) => query.includes('keepers'))).toHaveLength(2)
    expect(world.calls.filter(({ query }) => query.includes('mood'))).toHaveLength(2)
  })

  describe('are executed whole', () => {
    const query = 'query ($flag: Boolean!) { mood maybe(on: $flag) keepers { name } }'
    const rounds = async (asked: Partial<ExecutionRequest>) => {
      const filtered = await authorised(query)
      for (const part of partsOf(filtered)) await together(part, false)
      world.calls.length = 0
      const answers = createInFlight<ExecutionResult>()
      const request = {
        ...{ ...loaded.reached, sharing: { ...sharing, answers } },
        ...{ fetchForPart: () => world.fetchSubgraph, ...asked },
      }
      await Promise.all(
        FLAGS.map((flag) => loaded.executor(filtered, { ...request, variables: { flag } })),
      )
      return world.calls.filter(({ query: text }) => /mood/.test(text) && /maybe/.test(text)).length
    }
    const observer = { enter: () => undefined, planned: () => undefined, nodes: undefined }
    const ofNobodyElse = {
      askedAs: () => ({ viewer: keeper }),
      answers: createInFlight<ExecutionResult>(),
    }

    test('by whoever comes first, and in parts by those that come meanwhile', async () => {
      expect(await rounds({})).toBe(1)
    })

    // Each for itself, or one for each of two values.
    test.each<[string, Partial<ExecutionRequest>, number]>([
      ['no part of their answers may be told to others', { sharing: ofNobodyElse }, 4],
      ['fetches of theirs will be refused', { fetchForPart: undefined }, 2],
      ['their askers are shown the plan', { observer: { ...observer, isPlanShown: true } }, 2],
    ])('where %s', async (_why, asked, times) => {
      expect(await rounds(asked)).toBe(times)
    })
  })

  test('ask for each part in a way of its own: what one asker may not spend refuses no other', async () => {
    const filtered = await authorised('query ($flag: Boolean!) { mood maybe(on: $flag) }')
    for (const part of partsOf(filtered)) await together(part, false)
    const answers = createInFlight<ExecutionResult>()
    let parts = 0
    const fetchForPart = () => {
      parts++
      return world.fetchSubgraph
    }
    const ask = (flag: boolean, fetchSubgraph: FetchSubgraph) =>
      loaded.executor(filtered, {
        ...{ ...loaded.reached, sharing: { ...sharing, answers }, variables: { flag } },
        ...{ fetchSubgraph, fetchForPart },
      })
    const refuse: FetchSubgraph = async () => {
      throw gatewayError('COST_ACTUAL_TOO_EXPENSIVE')
    }
    const [spent, ...others] = await Promise.all([
      ask(true, refuse),
      ask(false, refuse),
      ask(false, refuse),
    ])
    expect(spent?.errors?.map(({ extensions }) => extensions.code)).toEqual([
      'COST_ACTUAL_TOO_EXPENSIVE',
    ])
    for (const other of others) {
      expect(other.errors).toBeUndefined()
      expect(other.data).toEqual({ mood: 'CALM', maybe: 'maybe' })
    }
    // The third has joined the second as a whole.
    expect(parts).toBe(2)
  })

  test('are null as a whole where a part of them may not be', async () => {
    const filtered = await authorised('query ($flag: Boolean!) { open maybe(on: $flag) }')
    const fetchSubgraph: FetchSubgraph = async (_name, { query, variables }) => {
      const maybe = query.includes('maybe') ? { maybe: `${variables.flag}` } : {}
      return { data: query.includes('open') ? { open: null, ...maybe } : maybe }
    }
    for (const part of partsOf(filtered)) await together(part, false)
    const [whole, inParts] = await Promise.all([
      together(filtered, false, fetchSubgraph),
      together(filtered, true, fetchSubgraph),
    ])
    expect(inParts).toEqual(whole)
    expect(JSON.parse(inParts[0] ?? '')).toMatchObject({ data: null, errors: [{ path: ['open'] }] })
  })

  test.each([
    [
      'it is a change',
      'mutation ($id: ID!) { feed(id: $id) { __typename } fire(id: "k1") { name } }',
    ],
    ['its root has fragments', 'query ($on: Boolean!) { maybe(on: $on) ... { mood } }'],
    ['it asks for the type of the root', 'query ($on: Boolean!) { maybe(on: $on) __typename }'],
    ['one key is asked for twice', 'query ($on: Boolean!) { maybe(on: $on) mood mood }'],
    ['all of it needs the same', 'query ($on: Boolean!) { a: maybe(on: $on) b: maybe(on: $on) }'],
    ['nothing varies', '{ mood secret }'],
    [
      'it would be in too many',
      `query ($on: Boolean!) { ${[1, 2, 3].map((n) => `a${n}: maybe(on: $on) b${n}: mood`).join(' ')} }`,
    ],
    ['something is refused', 'query ($on: Boolean!) { maybe(on: $on) mood plan }'],
  ])('stay whole where %s', async (_why, query) => {
    expect(partsOf(await authorised(query))).toEqual([])
  })

  test('are divided where their variables change, and keep the fragments that each part needs', async () => {
    const parts = partsOf(
      await authorised(
        `query Q($on: Boolean!, $flag: Boolean!) { mood keepers { ...K } maybe(on: $on) me { name ...F } }
         fragment K on Keeper { name } fragment F on Keeper { boss { ...K @skip(if: $flag) } }`,
      ),
    )
    expect(parts.map(({ text }) => text.replace(/\s+/g, ' '))).toEqual([
      'query Q { mood keepers { ...K } } fragment K on Keeper { name }',
      'query Q($on: Boolean!) { maybe(on: $on) }',
      'query Q($flag: Boolean!) { me { name ...F } } fragment F on Keeper { boss { ...K @skip(if: $flag) } } fragment K on Keeper { name }',
    ])
  })
})

import fc from 'fast-check'
import { type ExecutionResult, validate } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import { partsOf } from '#gateway/engine/parts-of-operation.ts'
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
        ...(isShared ? { sharing: shared } : {}),
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

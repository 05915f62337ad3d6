import fc from 'fast-check'
import { validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import {
  anonymous,
  federatedWorld,
  LINK,
  type Loaded,
  loadWorld,
  operationOf,
  type SubgraphSource,
  type World,
} from './federated-world.ts'
import { market } from './market.ts'
import { randomQuery } from './random-query.ts'

const people = ['1', '2', '3']

/** Persons stand under two fields; what is said of them stands elsewhere, and fails for the third. */
const circle: Record<string, SubgraphSource> = {
  clubs: {
    sdl: `${LINK}
      type Query { players: [Person] coaches: [Person] captain: Person }
      type Person @key(fields: "id") { id: ID! rivals: [Person] }`,
    resolvers: {
      Query: {
        players: () => people.map((id) => ({ id })),
        coaches: () => [{ id: '2' }, { id: '4' }],
        captain: () => ({ id: '1' }),
      },
      Person: {
        rivals: ({ id }: { id: string }) =>
          people.filter((one) => one > id).map((one) => ({ id: one })),
      },
    },
  },
  names: {
    sdl: `${LINK}
      type Person @key(fields: "id") { id: ID! name(loud: Boolean): String age: Int nick: String }`,
    resolvers: {
      Person: {
        __resolveReference: async ({ id }: { id: string }) => {
          if (id === '4') throw new Error('nobody of this number')
          return { id }
        },
        name: ({ id }: { id: string }, { loud }: { loud?: boolean }) =>
          loud ? `PERSON ${id}` : `person ${id}`,
        nick: ({ id }: { id: string }) => `nick ${id}`,
        age: ({ id }: { id: string }) => {
          if (id === '3') throw new Error('not told')
          return Number(id)
        },
      },
    },
  },
}

type Asked = { query: string; variables?: Record<string, unknown>; together: boolean }

async function ask(loaded: Loaded, { query, variables = {}, together }: Asked) {
  const filtered = loaded.authorise(operationOf(query), anonymous)
  const result = await loaded.executor(filtered, {
    ...{ ...loaded.reached, variables },
    ...(together ? { groupOf: () => '' } : {}),
  })
  return JSON.parse(JSON.stringify(result))
}

const namesAsked = (world: World) => world.calls.filter(({ subgraph }) => subgraph === 'names')

const BOTH = `query ($loud: Boolean) { players { id name(loud: $loud) } coaches { id name age } }`

describe('fetches of one moment for one subgraph', () => {
  test('travel in one request, and bring what they bring alone', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const variables = { loud: true }
    const alone = await ask(loaded, { query: BOTH, variables, together: false })
    expect(namesAsked(world)).toHaveLength(2)
    world.calls.length = 0
    const together = await ask(loaded, { query: BOTH, variables, together: true })
    expect(namesAsked(world)).toHaveLength(1)
    expect(together.data).toEqual(alone.data)
    expect(together.data.players[0]).toEqual({ id: '1', name: 'PERSON 1' })
  })

  test('fail each in its own places', async () => {
    const loaded = await loadWorld(federatedWorld(circle))
    const query = '{ players { id age } coaches { id age } }'
    const { data, errors } = await ask(loaded, { query, together: true })
    expect(data).toEqual({
      players: [
        { id: '1', age: 1 },
        { id: '2', age: 2 },
        { id: '3', age: null },
      ],
      coaches: [
        { id: '2', age: 2 },
        { id: '4', age: null },
      ],
    })
    const places = errors.map(({ path }: { path: unknown[] }) => path.join('.')).toSorted()
    expect(places).toEqual(['coaches.1', 'players.2.age'])
  })

  test('fail all where what came cannot be read, and nothing else does', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const fetchSubgraph: FetchSubgraph = async (name, request, signal) =>
      name === 'names'
        ? ({ data: {}, errors: [{ message: 'odd', path: 5 }] } as never)
        : world.fetchSubgraph(name, request, signal)
    const filtered = loaded.authorise(operationOf(BOTH), anonymous)
    const result = await loaded.executor(filtered, {
      ...{ ...loaded.reached, variables: {}, fetchSubgraph, groupOf: () => '' },
    })
    const { data, errors } = JSON.parse(JSON.stringify(result))
    expect(data.players[0]).toEqual({ id: '1', name: null })
    expect(data.coaches[0]).toEqual({ id: '2', name: null, age: null })
    expect(errors).toHaveLength(2)
  })

  test('of which one makes the whole answer null, are asked again, each alone', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const asked: string[] = []
    const fetchSubgraph: FetchSubgraph = async (name, request, signal) => {
      if (name !== 'names') return world.fetchSubgraph(name, request, signal)
      asked.push(request.query)
      const isHit = request.text?.includes('"4"')
      if (isHit) return { data: null, errors: [{ message: 'down it goes' }] }
      return world.fetchSubgraph(name, request, signal)
    }
    const filtered = loaded.authorise(operationOf(BOTH), anonymous)
    const result = await loaded.executor(filtered, {
      ...{ ...loaded.reached, variables: {}, fetchSubgraph, groupOf: () => '' },
    })
    const { data, errors } = JSON.parse(JSON.stringify(result))
    expect(asked).toHaveLength(3)
    expect(data.players[2]).toEqual({ id: '3', name: 'person 3' })
    expect(data.coaches).toEqual([
      { id: '2', name: null, age: null },
      { id: '4', name: null, age: null },
    ])
    expect(errors).toMatchObject([{ message: 'down it goes', path: ['coaches', 0] }])
  })

  test('that cannot be asked, fail in the places of each', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const fetchSubgraph: FetchSubgraph = async (name, request, signal) => {
      if (name === 'names') throw new Error('gone')
      return world.fetchSubgraph(name, request, signal)
    }
    const filtered = loaded.authorise(operationOf(BOTH), anonymous)
    const result = await loaded.executor(filtered, {
      ...{ ...loaded.reached, variables: {}, fetchSubgraph, groupOf: () => '' },
    })
    const { errors } = JSON.parse(JSON.stringify(result))
    const places = errors.map(({ path }: { path: unknown[] }) => path[0]).toSorted()
    expect(places).toEqual(['coaches', 'players'])
  })

  test.each([
    ['several', BOTH, ['coaches', 'players']],
    ['one', '{ players { id name } }', ['players']],
  ])('that cannot even be sent fail in their places, too: %s', async (_count, query, failed) => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const fetchSubgraph: FetchSubgraph = (name, request, signal) => {
      if (name === 'names') throw new Error('no such address')
      return world.fetchSubgraph(name, request, signal)
    }
    const filtered = loaded.authorise(operationOf(query), anonymous)
    const result = await loaded.executor(filtered, {
      ...{ ...loaded.reached, variables: {}, fetchSubgraph, groupOf: () => '' },
    })
    const { errors } = JSON.parse(JSON.stringify(result))
    const places = errors.map(({ path }: { path: unknown[] }) => path[0]).toSorted()
    expect(places).toEqual(failed)
  })

  test('go apart where they are of different groups', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const filtered = loaded.authorise(operationOf(BOTH), anonymous)
    let groups = 0
    await loaded.executor(filtered, {
      ...{ ...loaded.reached, variables: {}, groupOf: () => String(groups++) },
    })
    expect(namesAsked(world)).toHaveLength(2)
  })

  test('do not take a variable of the client for their own', async () => {
    const world = federatedWorld(circle)
    const loaded = await loadWorld(world)
    const query = `query ($representations_0: Boolean) {
      players { name(loud: $representations_0) } coaches { id age } }`
    const variables = { representations_0: true }
    const { data } = await ask(loaded, { query, variables, together: true })
    expect(data.players[0]).toEqual({ name: 'PERSON 1' })
    expect(namesAsked(world)).toHaveLength(2)
  })
})

test('any question is answered the same, whether its fetches travel together or alone', async () => {
  const worlds = [federatedWorld(market), federatedWorld(circle)]
  const all = await Promise.all(worlds.map((world) => loadWorld(world)))
  const saved = { together: 0, alone: 0 }
  for (const [index, loaded] of all.entries()) {
    const { calls } = worlds[index] as World
    const countOf = async (asked: Asked) => {
      calls.length = 0
      const answer = await ask(loaded, asked)
      saved[asked.together ? 'together' : 'alone'] += calls.length
      return answer
    }
    const property = fc.asyncProperty(
      randomQuery(loaded.apiSchema, 40),
      fc.boolean(),
      async (text, flag) => {
        const query = text.includes('(if: $flag)') ? text : text.replace('($flag: Boolean!)', '')
        if (validate(loaded.apiSchema, operationOf(query).document).length > 0) return
        const variables = { flag }
        const alone = await countOf({ query, variables, together: false })
        const together = await countOf({ query, variables, together: true })
        expect(JSON.stringify(together.data)).toBe(JSON.stringify(alone.data))
        expect((together.errors ?? []).length > 0).toBe((alone.errors ?? []).length > 0)
      },
    )
    await fc.assert(property, { numRuns: 150 })
  }
  expect(saved.together).toBeLessThan(saved.alone)
})

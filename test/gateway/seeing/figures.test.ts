import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOperationNames } from '#gateway/seeing/operation-names.ts'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

let world: PlatformWorld
let ticks: TickState

beforeAll(async () => {
  const readers = readersAndBooks()
  ticks = readers.ticks
  world = await startPlatformWorld({ subgraphs: readers.sources })
})
afterAll(() => world[Symbol.asyncDispose]())

/** The samples of one figure, by their labels. */
async function figure(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${world.url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.match(new RegExp(`^${name}[ {]`)))
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /^\w+(?:{(.*)})? (\S+)$/.exec(line) ?? []
      return [labels, Number(value)]
    }),
  )
}

const operations = () => figure('dbsbm_gateway_operations_total')
const labels = (name: string, reach: string, outcome: string) =>
  `name="${name}",reach="${reach}",outcome="${outcome}"`

describe('operations', () => {
  test('are counted by name, class of asker and outcome', async () => {
    const tenant = await world.identity.mint({ claims: { reach: 'tenant', tenant: '77' } })
    const platform = await world.identity.mint({ claims: { reach: 'platform' } })
    await world.ask('query Known { me { id } }')
    await world.ask('query Known { me { id } }', { token: tenant })
    await world.ask('query Known { me { id } }', { token: platform })
    await world.ask('query Partly { me { id } fails }')
    await world.ask('{ me { id } }')
    expect(await operations()).toMatchObject({
      [labels('Known', 'none', 'ok')]: 1,
      [labels('Known', 'tenant', 'ok')]: 1,
      [labels('Known', 'platform', 'ok')]: 1,
      [labels('Partly', 'none', 'partial')]: 1,
      [labels('(anonymous)', 'none', 'ok')]: 1,
    })
    expect((await figure('dbsbm_gateway_operation_seconds_count'))['name="Known"']).toBe(3)
    expect(JSON.stringify(await operations())).not.toContain('77')
  })

  test('that do not fit the schema bring no name', async () => {
    await world.ask('query PlantedName { nothing }')
    await world.ask('query PlantedName {')
    expect(JSON.stringify(await operations())).not.toContain('PlantedName')
  })

  test('over WebSockets count too, subscriptions when they begin', async () => {
    using socket = openSocketClient(world.websocket)
    const { results } = socket.subscribe('query OverSocket { me { id } }')
    await until(() => results.length === 1)
    socket.subscribe('subscription Following { ticks { id } }')
    await until(() => ticks.listeners === 1)
    expect(await operations()).toMatchObject({
      [labels('OverSocket', 'none', 'ok')]: 1,
      [labels('Following', 'none', 'ok')]: 1,
    })
  })
})

describe('the names of operations', () => {
  const manifest = (version: string, ...sources: string[]) => ({
    version,
    documents: sources.map((source) => ({ id: source, source })),
  })

  test('are the first ones, then one word for all others', () => {
    const names = createOperationNames({
      ...{ manifest: () => manifest(''), mostRegistered: 5, mostOthers: 2 },
    })
    const words = ['A', 'B', 'C', 'A', null, 'x'.repeat(65)].map(names.wordOf)
    expect(words).toEqual(['A', 'B', '(other)', 'A', '(anonymous)', '(other)'])
  })

  test('of registered documents have their place, whoever came first, also of a new manifest', () => {
    let current = manifest('1', 'query Known { a } query Second { a }', '{ a }')
    const names = createOperationNames({
      ...{ manifest: () => current, mostRegistered: 5, mostOthers: 1 },
    })
    expect(['X', 'Y', 'Known', 'Second', 'Later'].map(names.wordOf)).toEqual([
      ...['X', '(other)', 'Known', 'Second', '(other)'],
    ])
    current = manifest('2', 'query Later { a }')
    expect(['Known', 'Later'].map(names.wordOf)).toEqual(['(other)', 'Later'])
  })

  test('a flood of names makes no more series than the bound', async () => {
    for (let index = 0; index < 60; index++) await world.ask(`query Flood${index} { me { id } }`)
    const names = new Set(
      Object.keys(await operations()).map((key) => /name="([^"]*)"/.exec(key)?.[1]),
    )
    expect(names.size).toBeLessThanOrEqual(52)
    expect(names).toContain('(other)')
  })
})

describe('other figures', () => {
  test('errors count by code of the catalogue, those of subgraphs as one', async () => {
    const before = await figure('dbsbm_gateway_errors_total')
    await world.ask('{ nothing }')
    await world.ask('{ me { id } }', { token: 'none' })
    await world.ask('{ fails }')
    using socket = openSocketClient(world.websocket)
    const { ended } = socket.subscribe('{ nothing }')
    await ended
    const after = await figure('dbsbm_gateway_errors_total')
    const grown = (code: string) => (after[`code="${code}"`] ?? 0) - (before[`code="${code}"`] ?? 0)
    expect(grown('GRAPHQL_VALIDATION_FAILED')).toBe(2)
    expect(grown('TOKEN_INVALID')).toBe(1)
    expect(grown('INTERNAL_SERVER_ERROR') + grown('(subgraph)')).toBe(1)
  })

  test('what is remembered says how often it helped', async () => {
    const query = 'query Remembered { me { id name } }'
    const lookups = () => figure('dbsbm_gateway_memory_lookups_total')
    const before = await lookups()
    await world.ask(query)
    await world.ask(query)
    const after = await lookups()
    const grown = (memory: string, result: string) => {
      const key = `memory="${memory}",result="${result}"`
      return (after[key] ?? 0) - (before[key] ?? 0)
    }
    expect([grown('plans', 'miss'), grown('plans', 'hit')]).toEqual([1, 1])
    expect([grown('filtered', 'miss'), grown('filtered', 'hit')]).toEqual([1, 1])
    const entries = await figure('dbsbm_gateway_memory_entries')
    expect(entries['memory="plans"']).toBeGreaterThan(0)
    expect(entries['memory="filtered"']).toBeGreaterThan(0)
  })

  test('the lag of the event loop and the groups of subscribers are there', async () => {
    expect(Object.values(await figure('nodejs_eventloop_lag_p99_seconds'))).toHaveLength(1)
    expect(Object.values(await figure('dbsbm_gateway_subscription_groups'))).toHaveLength(1)
  })
})

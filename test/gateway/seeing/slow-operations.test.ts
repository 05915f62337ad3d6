import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import { documentHashOf } from '#gateway/seeing/document-hash.ts'
import { createSlowOperations } from '#gateway/seeing/slow-operations.ts'
import { shapesOf } from '#gateway/seeing/variable-shapes.ts'
import { createLog } from '#kernel/log.ts'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import { recordOf } from './seen-operation.ts'

let world: PlatformWorld | null = null

afterEach(async () => {
  await world?.[Symbol.asyncDispose]()
  world = null
})

/** A world whose question about books takes a while. */
async function start(thresholdMs: number) {
  const { sources } = readersAndBooks()
  const [readers, books] = sources
  if (!readers || !books) throw new Error('the world lacks a subgraph')
  const resolvers = {
    Reader: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      books: () => pause(60, ['a book']),
    },
  }
  world = await startPlatformWorld({
    subgraphs: [readers, { ...books, resolvers }],
    settings: { slow: { thresholdMs } },
  })
  return world
}

type Line = {
  [key: string]: unknown
  ms: number
  stages: Record<string, number>
  subgraphs: Record<string, { ms: number; longestMs: number }>
}

const slowLines = ({ logged }: PlatformWorld): Line[] =>
  logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a slow operation')

describe('an operation over the threshold', () => {
  test('is written down with its times and without what was said in it', async () => {
    const slow = await start(50)
    const query = 'query Slow($n: String, $on: Boolean!) { me { name books @include(if: $on) } }'
    await slow.ask(query.replace('$n: String, ', ''), {
      variables: { on: true, n: 'PlantedValue' },
    })
    const [line] = slowLines(slow)
    expect(line).toMatchObject({
      level: 40,
      operation: 'Slow',
      kind: 'query',
      document: expect.stringMatching(/^[\w-]{43}$/),
      isPlanKnown: false,
      errors: 0,
      variables: { on: 'boolean' },
      subgraphs: { readers: { fetches: 1 }, books: { fetches: 1 } },
    })
    const { subgraphs, stages = {} } = line ?? {}
    expect(subgraphs?.books?.ms).toBeGreaterThanOrEqual(55)
    expect(subgraphs?.books?.longestMs).toBe(subgraphs?.books?.ms)
    expect(Object.keys(stages)).toEqual([
      ...['parse', 'validate', 'prepare', 'wait', 'authorise', 'plan', 'execute', 'shape'],
    ])
    expect(stages.execute).toBeGreaterThanOrEqual(55)
    expect(line?.ms).toBeGreaterThanOrEqual(stages.execute ?? 0)
    expect(slow.logged.join()).not.toContain('Planted')
    const figures = await (await fetch(`${slow.url}/metrics`)).text()
    expect(figures).toMatch(/^dbsbm_gateway_slow_operations_total 1$/m)
  })

  test('is written down over a WebSocket too', async () => {
    const slow = await start(50)
    using socket = openSocketClient(slow.websocket)
    const { results } = socket.subscribe('query OverSocket { me { books } }')
    await until(() => results.length === 1)
    expect(slowLines(slow)).toMatchObject([{ operation: 'OverSocket' }])
  })

  test('under it is not', async () => {
    const slow = await start(2000)
    await slow.ask('{ me { books } }')
    expect(slowLines(slow)).toEqual([])
  })

  test('that no subgraph answered in time is written down with its error', async () => {
    const { sources } = readersAndBooks()
    const [readers, books] = sources
    if (!readers || !books) throw new Error('the world lacks a subgraph')
    const resolvers = { Reader: { books: () => pause(5000, [], { ref: false }) } }
    world = await startPlatformWorld({
      subgraphs: [readers, { ...books, resolvers }],
      settings: { slow: { thresholdMs: 50 }, requestTimeoutMs: 100 },
    })
    await world.ask('query Late { me { books } }')
    expect(slowLines(world)).toMatchObject([{ operation: 'Late', errors: 1 }])
  })
})

describe('the log of slow operations', () => {
  const startLog = (linesPerMinute: number) => {
    const lines: Record<string, unknown>[] = []
    let now = 1000
    let counted = 0
    const slow = createSlowOperations({
      thresholdMs: 10,
      linesPerMinute,
      log: createLog({
        level: 'info',
        name: 'test',
        destination: { write: (line) => void lines.push(JSON.parse(line)) },
      }),
      count: () => {
        counted++
      },
      now: () => now,
    })
    const look = (times: number) => {
      for (let time = 0; time < times; time++) slow.look(...recordOf('{ me { id } }', now - 50))
    }
    return { slow, lines, look, pass: (ms: number) => (now += ms), counted: () => counted }
  }

  test('writes so many lines a minute and tells how many it left out', () => {
    const { lines, look, pass, counted } = startLog(2)
    look(5)
    expect(lines).toHaveLength(2)
    expect(lines.every(({ suppressed }) => suppressed === undefined)).toBe(true)
    pass(60_000)
    look(2)
    expect(lines.map(({ suppressed }) => suppressed)).toEqual([undefined, undefined, 3, undefined])
    expect(counted()).toBe(7)
  })

  test('tells at its end what nothing else told', () => {
    const { slow, lines, look } = startLog(1)
    look(4)
    slow.close()
    slow.close()
    expect(lines.slice(1)).toMatchObject([
      { suppressed: 3, msg: 'slow operations were not written down' },
    ])
  })
})

describe('variables', () => {
  test('show as kinds and rough sizes', () => {
    const variables = {
      text: 'nine char',
      empty: '',
      number: 42,
      flag: false,
      nothing: null,
      list: [1, 2, 3],
      input: { email: 'a@b.example', password: 'x' },
      undeclared: 'PlantedValue',
    }
    const declared = [...Object.keys(variables).filter((name) => name !== 'undeclared'), 'absent']
    expect(shapesOf(declared, variables)).toEqual({
      text: 'text(≤16)',
      empty: 'text(≤0)',
      number: 'number',
      flag: 'boolean',
      nothing: 'null',
      list: 'list(3)',
      input: 'object(2)',
    })
  })

  test('are at most twenty, with short names', () => {
    const variables = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`${'v'.repeat(100)}${index}`, index]),
    )
    const shown = Object.keys(shapesOf(Object.keys(variables), variables))
    expect(shown.every((name) => name.length === 64)).toBe(true)
    expect(shown.length).toBeLessThanOrEqual(20)
  })
})

describe('the hash of a document', () => {
  const hashOf = (text: string) => documentHashOf({ document: parse(text) })

  test('does not depend on literals, which could be guessed from it', () => {
    expect(hashOf('{ a(x: "secret", n: 5, f: 1.5, l: ["y"]) }')).toBe(
      hashOf('{ a(x: "other", n: 6, f: 2.5, l: ["z"]) }'),
    )
  })

  test('depends on everything else', () => {
    expect(hashOf('{ a(x: "s") }')).not.toBe(hashOf('{ b(x: "s") }'))
    expect(hashOf('{ a(x: true) }')).not.toBe(hashOf('{ a(x: false) }'))
  })
})

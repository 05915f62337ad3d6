import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { weighDocument } from '#gateway/demand/document-weight.ts'
import { parseWithin } from '#gateway/plugins/use-limits.ts'
import { defaultSettings } from '#gateway/settings.ts'
import { isDomainError } from '#kernel/errors.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { askBy, demandWorld, WAYS } from './demand-world.ts'

const { limits } = defaultSettings
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')
const nested = (depth: number, text: (inner: string) => string, inner: string): string =>
  depth === 0 ? inner : nested(depth - 1, text, text(inner))

function codeOf(text: string): string | null {
  try {
    parseWithin(limits, text)
    return null
  } catch (failure) {
    if (isDomainError(failure)) return failure.code
    throw failure
  }
}

describe('a document is weighed', () => {
  test.each([
    [
      '{ a { b } }',
      { directives: 0, directivesAtOnce: 0, variables: 0, inputDepth: 0, fragments: 0, repeats: 0 },
    ],
    [
      'query ($a: Int @x, $b: Int) @x @y { a @x }',
      { directives: 4, directivesAtOnce: 2, variables: 2 },
    ],
    ['query ($a: [[Int]] = [[1]]) { a(b: { c: [{ d: 1 }] }) }', { inputDepth: 3 }],
    ['{ a { b } a { b } a { c } c c c }', { repeats: 2 }],
    ['{ a { b { c } b { c } } x: a { b { c } } }', { repeats: 1 }],
    ['{ a { b } ... { a { b } ... on Q { a { b } } } }', { repeats: 2 }],
    [
      '{ ...F ...F a { b } } fragment F on Q { a { b } ...G } fragment G on Q { a { b } }',
      { repeats: 5, fragments: 2 },
    ],
    ['{ ...F } fragment F on Q { a { b } ...F }', { repeats: 1 }],
    ['{ ...Nobody }', { repeats: 0 }],
  ])('%s', (text, weight) => {
    expect(weighDocument(parse(text))).toMatchObject(weight)
  })
})

describe('what is too much is refused before it is validated', () => {
  const most = { ...limits }
  test.each([
    [
      'directives',
      (n: number) =>
        `{ ${times(Math.ceil(n / 10), () => `a ${times(Math.min(n, 10), () => '@x')}`)} }`,
      most.directives,
      'MAX_DIRECTIVES_LIMIT',
    ],
    [
      'directives at one place',
      (n: number) => `{ a ${times(n, () => '@x')} }`,
      most.directivesAtOnce,
      'MAX_DIRECTIVES_LIMIT',
    ],
    [
      'variables',
      (n: number) => `query (${times(n, (i) => `$v${i}: Int`)}) { a }`,
      most.variables,
      'MAX_VARIABLES_LIMIT',
    ],
    [
      'lists within lists',
      (n: number) => `{ a(b: ${'['.repeat(n)}${']'.repeat(n)}) }`,
      most.inputDepth,
      'MAX_INPUT_DEPTH_LIMIT',
    ],
    [
      'objects within objects',
      (n: number) => `{ a(b: ${nested(n, (inner) => `{ c: ${inner} }`, '1')}) }`,
      most.inputDepth,
      'MAX_INPUT_DEPTH_LIMIT',
    ],
    [
      'fragments',
      (n: number) => `{ a } ${times(n, (i) => `fragment F${i} on Q { a }`)}`,
      most.fragments,
      'MAX_FRAGMENTS_LIMIT',
    ],
    [
      'fields again',
      (n: number) => `{ a { ${times(n + 1, () => 'a { b }')} } }`,
      most.repeats,
      'MAX_REPEATS_LIMIT',
    ],
  ])('%s', (_what, textOf, allowed, code) => {
    expect(codeOf(textOf(allowed))).toBeNull()
    expect(codeOf(textOf(allowed + 1))).toBe(code)
  })

  test('a value that is nested deeper than a stack is no failure', () => {
    expect(codeOf(`{ a(b: ${'['.repeat(7_000)}${']'.repeat(7_000)}) }`)).toMatch(
      /^MAX_(DEPTH|INPUT_DEPTH|TOKENS)_LIMIT$/,
    )
  })
})

/** Families of documents that make validation compare everything with everything. */
const HOSTILE: readonly [string, (size: number) => string][] = [
  ['one object again and again', (n) => `{ a { ${times(n, () => 'a { b }')} } }`],
  ['one scalar again and again', (n) => `{ a { ${times(n, () => 'b')} } }`],
  [
    'wide objects again and again',
    (n) => `{ a { ${times(n, () => `a { ${times(15, () => 'b')} }`)} } }`,
  ],
  [
    'doubled at each depth',
    (n) => `{ ${nested(Math.min(n, 13), (inner) => `a { ${inner} } a { ${inner} }`, 'b')} }`,
  ],
  ['inline fragments', (n) => `{ a { ${times(n, () => '... on A { a { b } }')} } }`],
  [
    'many fragments in one place',
    (n) =>
      `{ a { ${times(n, (i) => `...F${i}`)} } } ${times(n, (i) => `fragment F${i} on A { a { b a { b } } b }`)}`,
  ],
  [
    'many fragments of scalars',
    (n) =>
      `{ a { ${times(n, (i) => `...F${i}`)} } } ${times(n, (i) => `fragment F${i} on A { b }`)}`,
  ],
  [
    'fragments that spread each other',
    (n) =>
      `{ a { ...F0 } } ${times(Math.min(n, 250), (i) => `fragment F${i} on A { a { b } ${times(Math.min(n, 250) - i - 1, (j) => `...F${i + j + 1}`)} }`)}`,
  ],
  [
    'fragments through one more',
    (n) =>
      `{ a { ${times(n, (i) => `...F${i}`)} } } ${times(n, (i) => `fragment F${i} on A { a { ...G } }`)} fragment G on A { ${times(n, () => 'a { b }')} }`,
  ],
]
const SCHEMA = buildSchema('type Query { a: A b: Int } type A { a: A b: Int }')

/** On a machine that is busy with other things; what is refused would take many seconds. */
const MOST_CPU_MS = 2_000

/** Milliseconds of this process, garbage and all; the least of three where the first is much. */
function cpuMsOf(work: () => void): number {
  const once = () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  const first = once()
  return first < MOST_CPU_MS / 4 ? first : Math.min(first, once(), once())
}

test.each(HOSTILE)('validation stays bounded: %s', (_what, textOf) => {
  let longest = 0
  let taken = 0
  for (const size of [5, 10, 20, 50, 99, 150, 199, 300, 500, 900, 1_500, 3_000]) {
    const text = textOf(size)
    if (text.length > limits.bodyBytes || codeOf(text) !== null) continue
    taken++
    const document = parseWithin(limits, text)
    longest = Math.max(
      longest,
      cpuMsOf(() => validate(SCHEMA, document)),
    )
  }
  expect(taken).toBeGreaterThan(0)
  expect(longest).toBeLessThan(MOST_CPU_MS)
})

test('looking at what is refused costs no more than reading it', () => {
  for (const [what, textOf] of HOSTILE) {
    const text = textOf(700)
    if (text.length > limits.bodyBytes) continue
    const before = process.cpuUsage()
    codeOf(text)
    const { user } = process.cpuUsage(before)
    expect(user / 1000, what).toBeLessThan(800)
  }
})

describe('through the door', () => {
  test.each(WAYS)('by %s a document that repeats itself is refused', async (way) => {
    await using world = await demandWorld()
    const answer = await askBy(way, world, {
      query: `{ me { ${times(150, () => 'friend { id }')} } }`,
    })
    expect(answer.errors?.[0]?.extensions.code).toBe('MAX_REPEATS_LIMIT')
    if (way !== 'websocket') expect(answer.status).toBe(400)
  })

  test('variables that are nested without end are refused, and the gateway goes on', async () => {
    await using world = await demandWorld()
    const query = 'query ($name: String!) { me { name } }'
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = `{"query":${JSON.stringify(query)},"variables":{"name":${deep}}}`
    for (const headers of [{}, { origin: 'https://page.example' }] as Record<string, string>[]) {
      const response = await fetch(world.endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
      expect(['MAX_INPUT_DEPTH_LIMIT', 'GRAPHQL_VALIDATION_FAILED', 'BAD_REQUEST']).toContain(
        errors[0]?.extensions.code,
      )
    }
    expect((await world.ask('{ me { name } }')).body.errors).toBeUndefined()
    using client = openSocketClient(world.websocket)
    expect(client.closed).toEqual([])
  })
})

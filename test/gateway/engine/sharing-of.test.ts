import type { FetchNode } from '@apollo/query-planner'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { narrowest } from '#gateway/access/scope-rules.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  FEDERATION,
  federatedWorld,
  loadWorld,
  operationOf,
  viewerWith,
} from './federated-world.ts'

const HEAD = `
  extend schema
    @link(url: "${FEDERATION}", import: ["@key", "@external", "@requires", "@shareable",
      "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@composeDirective"])
    @link(url: "https://dbsbm.dev/shares/v1.0", import: ["@shares"])
    @composeDirective(name: "@shares")
  directive @shares(by: String!) on OBJECT | FIELD_DEFINITION
`
const EVERYONE = '@shares(by: "everyone")'
const TENANT = '@shares(by: "tenant")'

const house = {
  sdl: `${HEAD}
    type Query {
      price: Price ${EVERYONE}
      mine: Int
      book: Book ${EVERYONE}
      thing: Thing ${EVERYONE}
      either: Either ${EVERYONE}
      grade: Grade ${EVERYONE}
      signedIn: Int ${EVERYONE} @authenticated
      ruled: Int ${EVERYONE} @policy(policies: [["adult"]])
      guarded: Int ${EVERYONE} @requiresScopes(scopes: [["a:read"], ["b:read", "c:read"]])
      spread: Spread ${EVERYONE}
    }
    type Mutation { move: Price ${EVERYONE} }
    type Subscription { moved: Price ${EVERYONE} mineMoved: Price }
    type Price @key(fields: "id") {
      id: ID! ${EVERYONE}
      odds: Int ${EVERYONE}
      handle: Int ${TENANT}
      stake: Int
      weight: Int
    }
    type Book ${EVERYONE} @requiresScopes(scopes: [["books:read"]]) {
      title: String
      note: String @shares(by: "viewer")
      turnover: Int ${TENANT}
    }
    interface Thing { name: String }
    type Open implements Thing ${EVERYONE} { name: String }
    type House implements Thing { name: String ${TENANT} }
    union Either = Open | Book
    enum Grade @requiresScopes(scopes: [["grades:read"]]) { A B }
    type Spread @key(fields: "id") ${EVERYONE} { id: ID! own: Int }
  `,
}

const annexe = {
  sdl: `${HEAD}
    type Price @key(fields: "id") {
      id: ID! ${EVERYONE}
      weight: Int @external
      fair: Int ${EVERYONE}
      fairByWeight: Int ${EVERYONE} @requires(fields: "weight")
    }
    type Spread @key(fields: "id") { id: ID! added: Int }
  `,
}

const loaded = await loadWorld(federatedWorld({ house, annexe }))
const { sharing } = loaded
const ALL = ['a:read', 'b:read', 'c:read', 'books:read', 'grades:read'] as const

async function dependenceOf(text: string, viewer: Viewer = viewerWith(...ALL)) {
  const plan = await loaded.plans.planOf(loaded.authorise(operationOf(text), viewer))
  const { sharing: by, scopes } = sharing.ofPlan(plan)
  return { by, scopes: [...scopes].sort() }
}

describe('the sharing of an operation is the narrowest of what it selects', () => {
  test.each([
    ['{ price { odds } }', 'everyone'],
    ['{ price { odds handle } }', 'tenant'],
    ['{ price { odds handle stake } }', 'viewer'],
    ['{ price { odds } mine }', 'viewer'],
    ['{ price { __typename odds } __typename }', 'everyone'],
    [
      '{ price { ...F } } fragment F on Price { ... @include(if: true) { ...G } } fragment G on Price { handle }',
      'tenant',
    ],
    ['query Q($on: Boolean!) { price { odds stake @include(if: $on) } }', 'viewer'],
    ['{ cheap: price { stake: odds } }', 'everyone'],
    ['subscription { moved { odds fair } }', 'everyone'],
    ['subscription { mineMoved { odds } }', 'viewer'],
    ['mutation { move { odds } }', 'viewer'],
  ])('%s → %s', async (text, expected) => {
    expect((await dependenceOf(text)).by).toBe(expected)
  })

  test('a type speaks for its fields, and a field for itself before its type', async () => {
    expect((await dependenceOf('{ book { title } }')).by).toBe('everyone')
    expect((await dependenceOf('{ book { title turnover } }')).by).toBe('tenant')
    expect((await dependenceOf('{ book { title note } }')).by).toBe('viewer')
  })

  test('what one subgraph says of a type is not said of it where several have it', async () => {
    expect((await dependenceOf('{ spread { own } }')).by).toBe('viewer')
    expect((await dependenceOf('{ spread { added } }')).by).toBe('viewer')
  })

  test('an interface or a union is as narrow as the types behind it', async () => {
    expect((await dependenceOf('{ thing { name } }')).by).toBe('tenant')
    expect((await dependenceOf('{ thing { ... on Open { name } } }')).by).toBe('everyone')
    expect(
      (await dependenceOf('{ either { ... on Open { name } ... on Book { turnover } } }')).by,
    ).toBe('tenant')
  })

  test('what the plan asks beside the client counts: inputs of other fields', async () => {
    expect((await dependenceOf('{ price { fair } }')).by).toBe('everyone')
    expect((await dependenceOf('{ price { fairByWeight } }')).by).toBe('viewer')
  })
})

describe('rights', () => {
  test('the scopes that rules of what is asked name, by type and by field, are told', async () => {
    expect((await dependenceOf('{ price { odds } }')).scopes).toEqual([])
    expect((await dependenceOf('{ book { title } guarded grade }')).scopes).toEqual([...ALL].sort())
    expect((await dependenceOf('{ either { ... on Open { name } } }')).scopes).toEqual([
      'books:read',
    ])
  })

  test('what asks for somebody, or for a policy, is shared with nobody', async () => {
    const adult = { ...viewerWith(...ALL) }
    expect((await dependenceOf('{ signedIn }')).by).toBe('viewer')
    const filtered = loaded.authorise(operationOf('{ ruled price { odds } }'), adult)
    // Nobody registered the policy: what it guards is not asked, and does not count.
    expect(sharing.ofPlan(await loaded.plans.planOf(filtered)).sharing).toBe('everyone')
  })

  test('what was refused does not count', async () => {
    const text = '{ price { odds } book { note } }'
    expect((await dependenceOf(text)).by).toBe('viewer')
    expect(await dependenceOf(text, viewerWith())).toEqual({ by: 'everyone', scopes: [] })
  })
})

const fetchOf = (operation: string): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'house',
  operation,
  operationName: undefined,
  operationKind: 'query' as FetchNode['operationKind'],
})

describe('a single fetch', () => {
  test('depends on what it asks alone', async () => {
    const plan = await loaded.plans.planOf(
      loaded.authorise(operationOf('{ price { fairByWeight } }'), viewerWith()),
    )
    const { node } = plan
    if (node?.kind !== 'Sequence') throw new Error('the plan has one part')
    const fetches = node.nodes.map((part) => (part.kind === 'Flatten' ? part.node : part))
    expect(fetches.map((fetch) => sharing.ofFetch(fetch as FetchNode).sharing)).toEqual([
      'viewer',
      'everyone',
    ])
  })

  test('is remembered', () => {
    const fetch = fetchOf('{ price { odds } }')
    expect(sharing.ofFetch(fetch)).toBe(sharing.ofFetch(fetch))
  })

  test.each([
    'query { unknown }',
    'query { price { unknown } }',
    'query { _entities(representations: []) { ... on Unknown { odds } } }',
    'query { price { ...Missing } }',
    'query { price { ... on String { odds } } }',
  ])('that names what the schema does not know is shared with nobody: %s', (operation) => {
    expect(() => parse(operation)).not.toThrow()
    expect(sharing.ofFetch(fetchOf(operation)).sharing).toBe('viewer')
  })

  test('by entities goes by their types', () => {
    const entities = (inside: string) =>
      fetchOf(`query ($r: [_Any!]!) { _entities(representations: $r) { ${inside} } }`)
    expect(sharing.ofFetch(entities('... on Price { fair }')).sharing).toBe('everyone')
    expect(sharing.ofFetch(entities('... on Price { fair stake }')).sharing).toBe('viewer')
  })
})

test('the narrowest of two', () => {
  expect(narrowest('everyone', 'tenant')).toBe('tenant')
  expect(narrowest('viewer', 'everyone')).toBe('viewer')
  expect(narrowest('everyone', 'everyone')).toBe('everyone')
})

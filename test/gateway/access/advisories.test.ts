import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import {
  anonymous,
  ask,
  FEDERATION,
  federatedWorld,
  LINK,
  loadWorld,
  type SubgraphSource,
  viewerWith,
} from '../engine/federated-world.ts'

// Holes that were published of other gateways. Planner bombs (GHSA-fmj9-77q8-g6c4, GHSA-q2f9, GHSA-p2q6):
// test/gateway/door/planning.test.ts.

const SECRET = 'the vault code'

describe('GHSA-x33c-7c2v-mrj9: an interface without a rule leaks what its implementers protect', () => {
  const items = (fields: string) => `${LINK}
    type Query { items: [Item!]! open: String any: [Any!]! holder: Holder }
    type Holder { item: Item }
    interface Item { id: ID! note: String }
    ${fields}
    union Any = Plain | Sealed
  `
  const rows = [
    { __typename: 'Plain', id: '1', note: 'a note' },
    { __typename: 'Sealed', id: '2', note: SECRET },
  ]
  const resolvers = {
    Query: {
      items: () => rows,
      any: () => rows,
      open: () => 'open',
      holder: () => ({ item: rows[1] }),
    },
  }
  const plain = 'type Plain implements Item { id: ID! note: String }'
  const BY_FIELD = items(
    `${plain} type Sealed implements Item { id: ID! note: String @authenticated }`,
  )
  const BY_TYPE = items(
    `${plain} type Sealed implements Item @authenticated { id: ID! note: String }`,
  )
  /** As composers before Federation 2.9 and others left it: nothing stands on the interface. */
  const bare = (sdl: string) =>
    sdl.replace(/interface Item[^}]*\}/, (text) => text.replaceAll(' @authenticated', ''))

  test.each([
    ['a field', BY_FIELD],
    ['a type', BY_TYPE],
  ])('%s of an implementer stays protected, however the interface is asked', async (_what, sdl) => {
    for (const edit of [(text: string) => text, bare]) {
      const loaded = await loadWorld(federatedWorld({ one: { sdl, resolvers } }, edit))
      for (const inside of [
        'items { note }',
        'items { id note }',
        'items { __typename n: note }',
        'items { ... on Item { note } }',
        'items { ... { ... @include(if: true) { note } } }',
        'items { ...N }',
        'any { ...N }',
        'any { ... on Item { ... on Item { note } } }',
        'holder { item { note } }',
        'holder { item { ... on Sealed { note } } }',
        'items { ... on Sealed { ...N } }',
      ]) {
        const spread = inside.includes('...N') ? 'fragment N on Item { note }' : ''
        const query = `{ open ${inside} } ${spread}`
        const answer = JSON.stringify(await ask(loaded, { query, viewer: anonymous }))
        expect(answer, query).not.toContain(SECRET)
        expect(answer, query).toContain('UNAUTHORIZED_FIELD_OR_TYPE')
        const allowed = JSON.stringify(await ask(loaded, { query, viewer: viewerWith() }))
        expect(allowed, query).toContain(SECRET)
      }
    }
  })
})

describe('GHSA-g8jh-vg5j-4h3f: a directive that is imported under another name is no rule', () => {
  const subgraph = (imports: string, rule: string): Record<string, SubgraphSource> => ({
    one: {
      sdl: `extend schema @link(url: "${FEDERATION}", import: [${imports}])
        type Query { open: String vault: String ${rule} }`,
      resolvers: { Query: { open: () => 'open', vault: () => SECRET } },
    },
  })

  test.each([
    ['{ name: "@authenticated", as: "@door" }', '@door'],
    ['{ name: "@requiresScopes", as: "@door" }', '@door(scopes: [["vault:read"]])'],
    ['{ name: "@policy", as: "@door" }', '@door(policies: [["vault"]])'],
    // Names that belong to others.
    ['{ name: "@authenticated", as: "@requiresScopes" }', '@requiresScopes'],
    ['{ name: "@policy", as: "@authenticated" }', '@authenticated(policies: [["vault"]])'],
  ])('%s', async (imports, rule) => {
    const loaded = await loadWorld(federatedWorld(subgraph(imports, rule)))
    const { data } = await ask(loaded, { query: '{ open vault }', viewer: anonymous })
    expect(data).toEqual({ open: 'open', vault: null })
  })
})

describe('GHSA-mx7m-j9xf-62hw and GHSA-m8jr-fxqx-8xx6: what composition has to refuse', () => {
  const codesOf = (subgraphs: Record<string, string>) =>
    (
      composeServices(
        Object.entries(subgraphs).map(([name, sdl]) => ({
          name,
          url: `http://${name}`,
          typeDefs: parse(`${LINK} ${sdl}`),
        })),
      ).errors ?? []
    ).map(({ extensions }) => extensions.code)

  test.each([
    'interface Item @authenticated { id: ID! }',
    'interface Item { id: ID! @requiresScopes(scopes: [["i:read"]]) }',
    'interface Item { id: ID! @policy(policies: [["i"]]) }',
  ])('a rule on an interface, which implementers would not have: %s', (item) => {
    const rest = 'type Query { item: Item } type Plain implements Item { id: ID! }'
    expect(codesOf({ one: `${item} ${rest}` })).toContain('AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE')
  })

  test('a field that is made of protected ones and asks for less than they do', () => {
    const people = `
      type Query { me: Person }
      type Person @key(fields: "id") { id: ID! salary: Int @requiresScopes(scopes: [["s:read"]]) }
    `
    const bank = (rule: string) => `
      type Person @key(fields: "id") {
        id: ID! salary: Int @external
        limit: Int @requires(fields: "salary") ${rule}
      }
    `
    expect(codesOf({ people, bank: bank('') })).toEqual(['MISSING_TRANSITIVE_AUTH_REQUIREMENTS'])
    expect(codesOf({ people, bank: bank('@authenticated') })).toEqual([
      'MISSING_TRANSITIVE_AUTH_REQUIREMENTS',
    ])
    expect(codesOf({ people, bank: bank('@requiresScopes(scopes: [["s:read"]])') })).toEqual([])
  })
})

describe('through the door', () => {
  let world: GatewayWorld
  afterEach(() => world[Symbol.asyncDispose]())
  const start = async () => {
    world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  }
  const asked = () => Object.values(world.subgraphs).flatMap(({ seen }) => seen).length

  test.each([
    'text/plain',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'image/png',
    'application/json/x',
    'application/json, text/plain',
    'text/plain;application/json',
    'x',
    '; charset=utf-8',
  ])(
    'GHSA-hff2-gcpx-8f4p: GET as "%s", which a page may send unasked, is not executed',
    async (type) => {
      await start()
      const url = `${world.endpoint}?query=${encodeURIComponent('{ me { name } }')}`
      const response = await fetch(url, { headers: { 'content-type': type } })
      expect([403, 415]).toContain(response.status)
      expect(asked()).toBe(0)
      const bare = await fetch(url)
      expect(bare.status).toBe(403)
      const told = await fetch(url, { headers: { 'apollo-require-preflight': '1' } })
      expect(await told.json()).toEqual({ data: { me: { name: 'Ada' } } })
    },
  )

  test.each([{}, { 'x-dbsbm-query-plan': '0' }])(
    'GHSA-pfjj-6f4p-rvmh: response keys of the object prototype change nothing (%o)',
    async (headers) => {
      await start()
      const query = `{
        __proto__: me { polluted: name __proto__: friend { isAdmin: name constructor: id } }
        constructor: me { prototype: friend { polluted: name } books }
        toString: me { hasOwnProperty: name }
      }`
      const { body } = await world.ask(query, { headers })
      expect(JSON.stringify(body)).toBe(
        '{"data":{"__proto__":{"polluted":"Ada","__proto__":{"isAdmin":"Grace","constructor":"2"}},' +
          '"constructor":{"prototype":{"polluted":"Grace"},"books":["book of 1"]},' +
          '"toString":{"hasOwnProperty":"Ada"}}}',
      )
      const clean: Record<string, unknown> = {}
      expect([clean.polluted, clean.isAdmin, typeof clean.hasOwnProperty]).toEqual([
        undefined,
        undefined,
        'function',
      ])
    },
  )

  test('nor do such names in variables, extensions and operations', async () => {
    await start()
    const body = `{
      "query": "query constructor($__proto__: String!) { __type(name: $__proto__) { name } }",
      "operationName": "constructor",
      "variables": { "__proto__": "Reader", "constructor": { "prototype": { "polluted": 1 } } },
      "extensions": { "__proto__": { "polluted": 1 } }
    }`
    const response = await fetch(world.endpoint, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
    })
    expect(await response.json()).toEqual({ data: { __type: { name: 'Reader' } } })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

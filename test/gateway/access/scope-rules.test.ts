import { parse, print } from 'graphql'
import { describe, expect, test } from 'vitest'
import { resolveAccessFeatures } from '#gateway/access/linked-features.ts'
import { readAccessRules } from '#gateway/access/scope-rules.ts'
import { withoutAccessRules } from '#gateway/access/strip-rules.ts'
import {
  anonymous,
  ask,
  composeSdl,
  FEDERATION,
  federatedWorld,
  loadWorld,
  viewerWith,
} from '../engine/federated-world.ts'
import { zoo } from './zoo.ts'

function rulesOf(sdl: string) {
  const { requirements, types, fields, shares } = readAccessRules(parse(sdl))
  const told = (ruleSet: object) =>
    Object.values(ruleSet).map((index) => {
      const { stage, anyOf } = requirements[index as number] ?? { stage: '', anyOf: [] }
      return `${stage} ${JSON.stringify(anyOf)}`
    })
  return {
    types: Object.fromEntries([...types].map(([name, ruleSet]) => [name, told(ruleSet)])),
    fields: Object.fromEntries(
      [...fields].flatMap(([type, ofFields]) =>
        [...ofFields].map(([field, ruleSet]) => [`${type}.${field}`, told(ruleSet)]),
      ),
    ),
    shares: Object.fromEntries(shares),
  }
}

function stripped(sdl: string): string {
  const document = parse(sdl)
  return print(withoutAccessRules(document, resolveAccessFeatures(document)))
}

/** One subgraph whose access directives go by other names. */
function renamed(imports: string, directives: { authenticated: string; scopes: string }) {
  const { authenticated, scopes } = directives
  return {
    house: {
      sdl: `
        extend schema @link(url: "${FEDERATION}", import: ["@key", ${imports}])
        type Query { open: String secret: String ${authenticated} safe: Safe }
        type Safe { money: Int ${scopes}(scopes: [["money:read"]]) colour: String }
      `,
      resolvers: {
        Query: { open: () => 'open', secret: () => 'code', safe: () => ({}) },
        Safe: { money: () => 7, colour: () => 'grey' },
      },
    },
  }
}

const PLAIN = renamed('"@authenticated", "@requiresScopes"', {
  authenticated: '@authenticated',
  scopes: '@requiresScopes',
})
const RENAMED = renamed(
  '{ name: "@authenticated", as: "@login" }, { name: "@requiresScopes", as: "@need" }',
  { authenticated: '@login', scopes: '@need' },
)
const NAMESPACED = renamed('"@shareable"', {
  authenticated: '@federation__authenticated',
  scopes: '@federation__requiresScopes',
})

const HOUSE_RULES = {
  types: {},
  fields: {
    'Query.secret': ['authenticated []'],
    'Safe.money': ['scopes [["money:read"]]'],
  },
  shares: {},
}

describe('reading rules', () => {
  test('finds every kind of rule on types and fields', () => {
    expect(rulesOf(composeSdl(zoo))).toMatchInlineSnapshot(`
      {
        "fields": {
          "Keeper.email": [
            "scopes [["email:read","people:read"],["all:read"]]",
          ],
          "Keeper.id": [
            "scopes [["ids:read"]]",
          ],
          "Keeper.salary": [
            "scopes [["money:read"]]",
          ],
          "Mutation.fire": [
            "scopes [["keepers:write"]]",
          ],
          "Query.maybe": [
            "scopes [["maybe:read"]]",
          ],
          "Query.plan": [
            "policies [["director"],["planner","day-shift"]]",
          ],
          "Query.secret": [
            "authenticated []",
          ],
          "Shift.notes": [
            "authenticated []",
          ],
          "Subscription.escaped": [
            "authenticated []",
          ],
        },
        "shares": {},
        "types": {
          "Animal": [
            "scopes [["cats:read"]]",
          ],
          "Cat": [
            "scopes [["cats:read"]]",
          ],
          "Mood": [
            "authenticated []",
          ],
        },
      }
    `)
  })

  test.each([
    ['plain', PLAIN],
    ['renamed', RENAMED],
    ['namespaced', NAMESPACED],
  ])('a %s import is the same rule', async (_name, subgraphs) => {
    expect(rulesOf(composeSdl(subgraphs))).toEqual(HOUSE_RULES)
    const loaded = await loadWorld(federatedWorld(subgraphs))
    const query = '{ open secret safe { money colour } }'
    const refused = await ask(loaded, { query, viewer: anonymous })
    expect(refused.data).toEqual({
      open: 'open',
      secret: null,
      safe: { money: null, colour: 'grey' },
    })
    const answered = await ask(loaded, { query, viewer: viewerWith('money:read') })
    expect(answered.data).toEqual({
      open: 'open',
      secret: 'code',
      safe: { money: 7, colour: 'grey' },
    })
  })

  test('a link under another name and a namespace of its own are followed', () => {
    const sdl = `
      schema
        @core(url: "https://specs.apollo.dev/link/v1.0", as: "core")
        @core(url: "https://specs.apollo.dev/authenticated/v0.1", as: "door", for: SECURITY)
      { query: Query }
      type Query { a: Int @door b: Int @door__authenticated c: Int }
    `
    expect(Object.keys(rulesOf(sdl).fields)).toEqual(['Query.a', 'Query.b'])
  })

  test('a rule whose link was forgotten still counts', () => {
    expect(Object.keys(rulesOf('type Query { a: Int @authenticated b: Int }').fields)).toEqual([
      'Query.a',
    ])
  })

  test('a version that is not known is refused, and so is a rule that cannot be read', () => {
    const link = (url: string) => `
      schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "${url}") { query: Query }
      type Query { a: Int }`
    expect(() => rulesOf(link('https://specs.apollo.dev/policy/v9.0'))).toThrow(
      expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }),
    )
    expect(rulesOf(link('https://specs.apollo.dev/policy/v0.1')).fields).toEqual({})
    for (const unreadable of [
      '@requiresScopes',
      '@requiresScopes(scopes: ["a"])',
      '@policy(policies: 1)',
    ])
      expect(() => rulesOf(`type Query { a: Int ${unreadable} }`)).toThrow(
        expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }),
      )
  })

  test('an empty outer list asks for nothing', () => {
    expect(rulesOf('type Query { a: Int @requiresScopes(scopes: []) }').fields).toEqual({})
  })

  test('rules of extensions add to those of the type', () => {
    const sdl = `
      type Query @authenticated { a: Int }
      extend type Query @requiresScopes(scopes: [["q:read"]]) { b: Int @authenticated }
    `
    expect(rulesOf(sdl)).toMatchObject({
      types: { Query: ['authenticated []', 'scopes [["q:read"]]'] },
      fields: { 'Query.b': ['authenticated []'] },
    })
  })
})

describe('a rule is never lost', () => {
  test('a second one of the same kind is asked for beside the first', () => {
    const sdl = `
      schema @link(url: "https://specs.apollo.dev/link/v1.0")
        @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", import: [{ name: "@requiresScopes", as: "@need" }], for: SECURITY)
      { query: Query }
      type Query @requiresScopes(scopes: [["q:read"]]) {
        a: Int @need(scopes: [["a:read"], ["all:read"]]) @requiresScopes(scopes: [["b:read", "a:read"]])
      }
      extend type Query @need(scopes: [["more:read"]]) { c: Int }
    `
    expect(rulesOf(sdl)).toMatchObject({
      types: { Query: ['scopes [["more:read","q:read"]]'] },
      fields: { 'Query.a': ['scopes [["a:read","b:read"],["a:read","all:read","b:read"]]'] },
    })
  })

  test.each([
    ['a union', 'union U @authenticated = A type A { a: Int }'],
    ['an input', 'input I @requiresScopes(scopes: [["i:write"]]) { i: Int }'],
    ['a field of an input', 'input I { i: Int @requiresScopes(scopes: [["i:write"]]) }'],
    ['a value of an enum', 'enum E { ONE @authenticated }'],
    ['an argument', 'type A { a(all: Boolean @policy(policies: [["all"]])): Int }'],
    ['the schema', 'schema @authenticated { query: Query }'],
    [
      'a wrapper',
      'type A { a: Int @join__directive(graphs: [], name: "requiresScopes", args: { scopes: [["a:read"]] }) }',
    ],
  ])('one on %s, where none is enforced, is refused', async (_where, sdl) => {
    const whole = `type Query { q: Int } ${sdl}`
    const refusal = expect.objectContaining({ code: 'SUPERGRAPH_INVALID' })
    expect(() => rulesOf(whole)).toThrow(refusal)
  })
})

describe('sharing', () => {
  const shared = (by: string) => ({
    odds: {
      sdl: `
        extend schema
          @link(url: "${FEDERATION}", import: ["@key", "@composeDirective"])
          @link(url: "https://dbsbm.example/shares/v1.0", import: ["@shares"])
          @composeDirective(name: "@shares")
        enum Shares { everyone tenant viewer }
        directive @shares(by: Shares!) on OBJECT | FIELD_DEFINITION
        type Query { best: Int @shares(by: ${by}) mine: Int }
      `,
    },
  })

  test('is read from the supergraph and taken out of it', () => {
    const sdl = composeSdl(shared('everyone'))
    expect(rulesOf(sdl).shares).toEqual({ 'Query.best': 'everyone' })
    expect(stripped(sdl)).not.toMatch(/shares/i)
  })

  test('of several sharings the narrowest holds, in whatever order they stand', () => {
    const [everyone, tenant, viewer] = ['everyone', 'tenant', 'viewer'].map(
      (by) => `@shares(by: "${by}")`,
    )
    const { shares } = rulesOf(`type Query {
      a: Int ${everyone} ${tenant}
      b: Int ${tenant} ${everyone}
      c: Int ${viewer} ${everyone} ${tenant}
    }`)
    expect(shares).toEqual({ 'Query.a': 'tenant', 'Query.b': 'tenant', 'Query.c': 'viewer' })
  })

  test('refuses what it does not know', () => {
    expect(() => rulesOf('type Query { a: Int @shares(by: "nobody") }')).toThrow(
      expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }),
    )
  })
})

describe('the SDL without rules', () => {
  test.each([
    ['plain', composeSdl(PLAIN)],
    ['renamed', composeSdl(RENAMED)],
    ['namespaced', composeSdl(NAMESPACED)],
    ['zoo', composeSdl(zoo)],
  ])('names no access feature any more (%s)', (_name, sdl) => {
    expect(stripped(sdl)).not.toMatch(/authenticated|scope|polic|@login|@need|SECURITY\)/i)
  })

  test('keeps everything else', () => {
    const sdl = composeSdl(PLAIN)
    expect(stripped(sdl)).toContain('@join__type(graph: HOUSE)')
    expect(stripped(sdl)).toContain('money: Int')
  })
})

import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isIntrospectionType,
  isSpecifiedScalarType,
  printType,
} from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import {
  anonymous,
  ask,
  federatedWorld,
  LINK,
  type Loaded,
  loadWorld,
  viewerWith,
} from '../engine/federated-world.ts'
import { withoutRulesOnAnimal, zoo } from './zoo.ts'

async function shownTo(loaded: Loaded, viewer: Viewer): Promise<string> {
  const { data, errors } = await ask(loaded, { query: getIntrospectionQuery(), viewer })
  expect(errors).toBeUndefined()
  const schema = buildClientSchema(data as unknown as IntrospectionQuery)
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  )
  return types
    .map(printType)
    .sort((one, other) => one.localeCompare(other))
    .join('\n\n')
}

const BY_RIGHTS = { policies: { director: () => false }, isIntrospectionByRights: true }
const openZoo = (edit = (sdl: string) => sdl) =>
  loadWorld(federatedWorld(zoo, edit), { enforcer: BY_RIGHTS })

describe('a schema by rights', () => {
  test('shows nobody what nobody may ask', async () => {
    expect(await shownTo(await openZoo(), anonymous)).toMatchInlineSnapshot(`
      "type Dog {
        id: ID!
        name: String
        chip: String
        bark: String
      }

      type Keeper {
        name: String
        boss: Keeper
        shifts: [Shift!]
      }

      type Query {
        me: Keeper
        keepers: [Keeper!]!
        pets: [Pet!]
        open: String!
      }

      type Shift {
        day: String
        stand: Keeper
      }

      type Subscription {
        fed: Keeper
      }

      union Pet = Dog"
    `)
  })

  test('shows each right that was given, and no other', async () => {
    const shown = await shownTo(await openZoo(), viewerWith('money:read', 'cats:read'))
    expect(shown).toMatch(/salary/)
    expect(shown).toMatch(/type Cat implements Animal/)
    expect(shown).toMatch(/secret|Mood/)
    expect(shown).not.toMatch(/email|fire|maybe|plan:/)
  })

  test('shows what a policy guards to whom it is granted', async () => {
    const enforcer = { ...BY_RIGHTS, policies: { director: () => true } }
    const granted = await loadWorld(federatedWorld(zoo), { enforcer })
    expect(await shownTo(granted, anonymous)).toMatch(/plan: String/)
    expect(await shownTo(await openZoo(), anonymous)).not.toMatch(/plan: String/)
  })

  test('an interface stays for the implementers that remain', async () => {
    const shown = await shownTo(await openZoo(withoutRulesOnAnimal), anonymous)
    expect(shown).toMatch(/type Dog implements Animal/)
    expect(shown).not.toMatch(/Cat/)
  })

  test('what only hidden fields take or give is hidden with them', async () => {
    const sdl = `${LINK}
      type Query { open: String secret(how: How): Deep @authenticated }
      input How { depth: Depth }
      enum Depth { LITTLE MUCH }
      type Deep { deeper: Deeper }
      type Deeper { end: String }
      type Mutation { only: String @authenticated }
    `
    const world = federatedWorld({ one: { sdl } })
    const loaded = await loadWorld(world, { enforcer: BY_RIGHTS })
    expect(await shownTo(loaded, anonymous)).toBe('type Query {\n  open: String\n}')
    const shown = await shownTo(loaded, viewerWith())
    for (const part of ['input How', 'enum Depth', 'type Deeper', 'type Mutation'])
      expect(shown).toContain(part)
  })

  test('whoever may ask nothing at all is shown a query type without fields', async () => {
    const sdl = `${LINK} type Query { secret: String @authenticated }`
    const loaded = await loadWorld(federatedWorld({ one: { sdl } }), { enforcer: BY_RIGHTS })
    const query = '{ __schema { queryType { fields { name } } mutationType { name } } }'
    expect(await ask(loaded, { query })).toEqual({
      data: { __schema: { queryType: { fields: [] }, mutationType: null } },
    })
  })

  test('answers of a type by its name as well', async () => {
    const query = '{ __type(name: "Keeper") { fields { name } } }'
    const loaded = await openZoo()
    const names = async (viewer: Viewer) => {
      const { data } = await ask(loaded, { query, viewer })
      const type = data?.__type as { fields: { name: string }[] } | undefined
      return type?.fields.map(({ name }) => name)
    }
    expect(await names(anonymous)).toEqual(['name', 'boss', 'shifts'])
    expect(await names(viewerWith('money:read'))).toEqual(['name', 'salary', 'boss', 'shifts'])
    const hidden = await ask(loaded, { query: '{ __type(name: "Mood") { name } open }' })
    expect(hidden.data).toEqual({ __type: null, open: 'open' })
  })

  test('is whole in a dry run, which takes out nothing', async () => {
    const enforcer = { ...BY_RIGHTS, mode: 'dry-run' as const }
    const loaded = await loadWorld(federatedWorld(zoo), { enforcer })
    const shown = await shownTo(loaded, anonymous)
    for (const part of ['salary', 'enum Mood']) expect(shown).toContain(part)
  })

  test('is the whole one where the setting is off', async () => {
    expect(await shownTo(await loadWorld(federatedWorld(zoo)), anonymous)).toMatch(/salary/)
  })
})

describe('names that stand near', () => {
  let world: GatewayWorld
  afterEach(() => world[Symbol.asyncDispose]())
  const start = async (settings: Parameters<typeof startStandaloneWorld>[0]['settings']) => {
    world = await startStandaloneWorld({ subgraphs: sources(), ...(settings ? { settings } : {}) })
  }
  const sources = () => {
    const { sources: known } = readersAndBooks()
    const odd = {
      name: 'odd',
      typeDefs: `
        type Query { pick(colour: Colour, how: How): String }
        enum Colour { MAGENTA }
        input How { warily: Boolean }
      `,
      resolvers: { Query: { pick: () => 'picked' } },
    }
    return [...known, odd]
  }
  const messages = async () => {
    const told: string[] = []
    for (const headers of [{}, { 'x-dbsbm-query-plan': '0' }]) {
      const say = async (query: string, variables: Record<string, unknown> = {}) => {
        const { body } = await world.ask(query, { headers, variables })
        told.push(...(body.errors ?? []).map(({ message }) => message))
      }
      await say('{ secre }')
      await say('{ me { nam } }')
      await say('{ pick(color: MAGENTA) }')
      await say('{ pick(colour: MAGENTS) }')
      await say('{ pick(how: { warely: true }) }')
      await say('query ($c: Colou) { pick(colour: $c) }')
      await say('query ($c: Colour) { pick(colour: $c) }', { c: 'MAGENTS' })
      await say('query ($h: How) { pick(how: $h) }', { h: { warely: true } })
    }
    return told
  }

  test('are told where everybody may read the schema', async () => {
    await start({})
    expect((await messages()).filter((message) => message.includes('Did you mean'))).toHaveLength(
      16,
    )
  })

  test.each([
    ['introspection is off', { introspection: false }],
    ['it goes by rights', { access: { introspectionByRights: true } }],
  ])('are kept where %s', async (_when, settings) => {
    await start(settings)
    const told = await messages()
    expect(told).toHaveLength(16)
    expect(told.join()).not.toMatch(/Did you mean|"secret"|"name"|"colour"|"MAGENTA"|"warily"/)
  })
})

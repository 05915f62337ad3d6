import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: GatewayWorld

beforeAll(async () => {
  world = await startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { exposeQueryPlan: true },
  })
})
afterAll(() => world[Symbol.asyncDispose]())

const TOOLS = getIntrospectionQuery({
  oneOf: true,
  specifiedByUrl: true,
  inputValueDeprecation: true,
  schemaDescription: true,
  directiveIsRepeatable: true,
})
const codeOf = ({ body }: Awaited<ReturnType<GatewayWorld['ask']>>) =>
  body.errors?.[0]?.extensions.code

describe('a question about the schema', () => {
  test('is answered as current tools ask it', async () => {
    const { body } = await world.ask(TOOLS)
    expect(body.errors).toBeUndefined()
    const schema = buildClientSchema(body.data as unknown as IntrospectionQuery)
    expect(schema.getQueryType()?.getFields().me?.type.toString()).toBe('Reader')
    expect(schema.getType('_Entity')).toBeUndefined()
  })

  test('is answered beside other fields, in the order that was asked', async () => {
    const { body } = await world.ask(
      `query Both($name: String!, $with: Boolean!) {
        a: __type(name: $name) { name isOneOf }
        me { id books }
        ...More
        t: __typename
        secret
      }
      fragment More on Query { __schema @include(if: $with) { queryType { name } } again: me { name } }`,
      { variables: { name: 'Reader', with: true } },
    )
    expect(Object.entries(body.data ?? {})).toEqual([
      ['a', { name: 'Reader', isOneOf: null }],
      ['me', { id: '1', books: ['book of 1'] }],
      ['__schema', { queryType: { name: 'Query' } }],
      ['again', { name: 'Ada' }],
      ['t', 'Query'],
      ['secret', null],
    ])
    expect(body.errors).toMatchObject([
      { path: ['secret'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
    ])
  })

  test('beside a mutation is no field of it', async () => {
    const asked = await world.ask(
      'mutation { rename(name: "x") { id } __type(name: "A") { kind } }',
    )
    expect(codeOf(asked)).toBe('GRAPHQL_VALIDATION_FAILED')
    const { body } = await world.ask('mutation { __typename rename(name: "x") { name } }')
    expect(body).toEqual({ data: { __typename: 'Mutation', rename: { name: 'x' } } })
  })

  test('alone needs no subgraph and has no plan', async () => {
    const seen = world.subgraphs.readers?.seen.length
    const headers = { 'x-dbsbm-query-plan': '1' }
    for (const [query, expected] of [
      ['{ __typename }', { __typename: 'Query' }],
      ['mutation { __typename }', { __typename: 'Mutation' }],
      ['{ ... { a: __typename __type(name: "No") { name } } }', { a: 'Query', __type: null }],
    ] as const) {
      expect((await world.ask(query, { headers })).body).toEqual({ data: expected })
    }
    expect(world.subgraphs.readers?.seen.length).toBe(seen)
  })

  test('shows the plan of what stands beside it', async () => {
    const query = '{ __type(name: "Reader") { isOneOf } me { id } }'
    const { body } = await world.ask(query, { headers: { 'x-dbsbm-query-plan': '1' } })
    expect(body.extensions?.queryPlan).toMatchObject({
      text: expect.stringContaining('Fetch(service: "readers")'),
    })
  })
})

describe('bounds of such questions', () => {
  test('as many as four in one operation, and none more', async () => {
    const asked = (count: number) =>
      world.ask(`{ ${Array.from({ length: count }, (_, at) => `a${at}: ${ONE}`).join(' ')} }`)
    expect((await asked(4)).status).toBe(200)
    const refused = await asked(5)
    expect([refused.status, codeOf(refused)]).toEqual([400, 'MAX_INTROSPECTION_LIMIT'])
  })

  test('aliases within one are questions too, and so are those of its fragments', async () => {
    const inside = (count: number) =>
      Array.from({ length: count }, (_, at) => `a${at}: types { name }`).join(' ')
    expect((await world.ask(`{ __schema { ${inside(3)} } }`)).status).toBe(200)
    const refused = await world.ask(`{ __schema { ${inside(4)} } }`)
    expect(codeOf(refused)).toBe('MAX_INTROSPECTION_LIMIT')
    const spread = await world.ask(`{ __schema { ...F } } fragment F on __Schema { ${inside(4)} }`)
    expect(codeOf(spread)).toBe('MAX_INTROSPECTION_LIMIT')
  })

  test('nested lists of fields and types, and a chain of wrappers', async () => {
    const twice = '{ __schema { types { fields { type { fields { name } } } } } }'
    expect(codeOf(await world.ask(twice))).toBe('MAX_INTROSPECTION_LIMIT')
    const chain = (depth: number) =>
      `{ __type(name: "Reader") { ${'ofType { '.repeat(depth)}name${' }'.repeat(depth)} } }`
    expect((await world.ask(chain(12))).status).toBe(200)
    expect(codeOf(await world.ask(chain(30)))).toBe('MAX_INTROSPECTION_LIMIT')
  })
})

const ONE = '__schema { types { name } }'

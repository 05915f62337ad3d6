import { readdirSync, readFileSync } from 'node:fs'
import {
  buildClientSchema,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getOperationAST,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  parse,
  typeFromAST,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Explanation } from '#gateway/explaining/explain-operation.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../../kit/platform.ts'

const EXPLAIN = { extensions: { explain: true } }
const explainedIn = (answer: { extensions?: Record<string, unknown> | undefined }) =>
  answer.extensions?.explain as Explanation

describe('on the platform', () => {
  let platform: TestPlatform
  let schema: GraphQLSchema
  const tokens: Record<string, string | null> = { nobody: null }
  beforeAll(async () => {
    platform = await startPlatform()
    const { data } = await platform.with(null)(getIntrospectionQuery())
    schema = buildClientSchema(data as unknown as IntrospectionQuery)
    for (const name of ['acmeMember', 'acmeAdmin', 'operator'] as const)
      tokens[name] = await platform.tokenOf(PEOPLE[name])
  })
  afterAll(() => platform[Symbol.asyncDispose]())

  async function post(who: string, params: object) {
    const token = tokens[who]
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(params),
    })
    return (await response.json()) as {
      data?: unknown
      errors?: { extensions: { code: string } }[]
      extensions?: Record<string, unknown>
    }
  }

  test('each is told what an operation needs, and whether they hold it', async () => {
    const query =
      '{ fixtures(first: 1) { edges { node { id } } } auditLogs(first: 1) { edges { node { seq } } } }'
    const told: Record<string, unknown> = {}
    for (const who of Object.keys(tokens)) {
      const { isAllowed, rights } = explainedIn(await post(who, { query, ...EXPLAIN }))
      told[who] = [isAllowed, ...rights.map((row) => `${row.coordinate} ${row.isHeld}`)]
      const { errors } = await post(who, { query })
      const isRefused = errors?.some((e) => e.extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE')
      expect(isAllowed, who).toBe(isRefused !== true)
    }
    expect(told).toMatchInlineSnapshot(`
      {
        "acmeAdmin": [
          true,
          "Query.auditLogs true",
          "AuditLog true",
          "Query.fixtures true",
          "Fixture true",
        ],
        "acmeMember": [
          false,
          "Query.auditLogs false",
          "AuditLog false",
          "Query.fixtures true",
          "Fixture true",
        ],
        "nobody": [
          false,
          "Query.auditLogs false",
          "AuditLog false",
          "Query.fixtures false",
          "Fixture false",
        ],
        "operator": [
          true,
          "Query.auditLogs true",
          "AuditLog true",
          "Query.fixtures true",
          "Fixture true",
        ],
      }
    `)
    const { rights } = explainedIn(await post('nobody', { query, ...EXPLAIN }))
    expect(rights[0]).toMatchInlineSnapshot(`
      {
        "coordinate": "Query.auditLogs",
        "isHeld": false,
        "needs": {
          "authenticated": false,
          "policies": [],
          "scopes": [
            [
              "audit:read",
            ],
          ],
        },
        "paths": [
          "auditLogs",
        ],
      }
    `)
  })

  /** Something that a variable takes; of optional things only where they are wanted, and not for ever. */
  function valueFor(type: GraphQLInputType, isFull: boolean): unknown {
    if (isNonNullType(type)) return valueFor(type.ofType, isFull)
    if (isListType(type)) return [valueFor(type.ofType, isFull)]
    if (isEnumType(type)) return type.getValues()[0]?.name
    if (isInputObjectType(type)) {
      const isWanted = (field: GraphQLInputField) =>
        isRequiredInputField(field) || (isFull && !isInputObjectType(getNamedType(field.type)))
      const fields = Object.values(type.getFields()).filter(isWanted)
      return Object.fromEntries(fields.map((field) => [field.name, valueFor(field.type, isFull)]))
    }
    const { name } = type
    return name === 'Int' ? 3 : name === 'Float' ? 1.5 : name === 'Boolean' ? true : '7'
  }

  function variablesFor(text: string, isFull: boolean): Record<string, unknown> {
    const definitions = getOperationAST(parse(text))?.variableDefinitions ?? []
    const given = definitions.flatMap(({ variable, type: node }) => {
      const type = typeFromAST(schema, node as never) as GraphQLInputType
      return isFull || isNonNullType(type) ? [[variable.name.value, valueFor(type, isFull)]] : []
    })
    return Object.fromEntries(given) as Record<string, unknown>
  }

  const folder = 'schema/operations'
  const operations = readdirSync(folder).map((file) => [
    file,
    readFileSync(`${folder}/${file}`, 'utf8'),
  ])
  test.each(operations)('%s is said to cost what it does cost', async (_file, query = '') => {
    const isFeed = getOperationAST(parse(query))?.operation === 'subscription'
    for (const isFull of [false, true]) {
      const variables = variablesFor(query, isFull)
      for (const who of Object.keys(tokens)) {
        const told = await post(who, { query, variables, ...EXPLAIN })
        if (isFeed) {
          expect(explainedIn(told).cost?.requested).toBeGreaterThan(0)
          continue
        }
        const done = await post(who, { query, variables, extensions: { cost: true } })
        const cost = done.extensions?.cost as { requested: number } | undefined
        // Either both know the cost, or both say the same against the variables.
        if (cost) expect(explainedIn(told).cost?.requested, who).toBe(cost.requested)
        else expect(told.errors).toEqual(done.errors)
      }
    }
  })

  test('what is persisted is explained by its id', async () => {
    const documents = JSON.parse(readFileSync('schema/documents.json', 'utf8')) as object
    const known = Object.entries(documents).find(([, text]) => text.startsWith('query GuildBoard'))
    const [documentId, query] = known as [string, string]
    const byId = explainedIn(await post('operator', { documentId, ...EXPLAIN }))
    const byText = explainedIn(await post('operator', { query, ...EXPLAIN }))
    expect(byId).toEqual({ ...byText, cost: { ...byText.cost, ...timeOf(byId) } })
    expect(byId).toMatchObject({ name: 'GuildBoard', documentId, cost: { requested: 1201 } })
    expect(byId.subgraphs).toEqual(['analytics', 'identity', 'tenancy'])
    const unknown = await post('operator', { documentId: `sha256:${'0'.repeat(64)}`, ...EXPLAIN })
    expect(unknown.errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_IN_LIST')
  })
})

const timeOf = ({ cost }: Explanation) => ({
  remaining: cost?.remaining,
  resetsAt: cost?.resetsAt,
})

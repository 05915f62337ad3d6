import { isInputObjectType, isIntrospectionType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { composeSupergraph, printSubgraph } from '#kernel/graphql/compose.ts'
import { schema } from '#subgraphs/identity/schema.ts'
import { IDENTITY_SCOPES } from '#subgraphs/identity/scopes.ts'
import { schema as tenancySchema } from '#subgraphs/tenancy/schema.ts'

const FEDERATION = new Set(['_Service', '_Entity', '_entities', '_service'])

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !FEDERATION.has(type.name),
)
const fields = types.flatMap((type) =>
  isObjectType(type) || isInputObjectType(type)
    ? Object.values(type.getFields()).map((field) => ({ owner: type.name, field }))
    : [],
)

/** Not identity's own: GraphQL's, federation's, and the page of every connection. */
const FOREIGN = /^(String|Int|Float|Boolean|ID|_Any|Service|PageInfo)\b/

test('every type and field is described', () => {
  const silent = [
    ...types.filter(({ description }) => !description).map(({ name }) => name),
    ...fields
      .filter(({ field }) => !field.description && !FEDERATION.has(field.name))
      .map(({ owner, field }) => `${owner}.${field.name}`),
  ].filter((name) => !FOREIGN.test(name))
  expect(silent).toEqual([])
})

test('every root field and every entity says who may have it, and refused fields are nullable', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ name, extensions }) => !FEDERATION.has(name) && !extensions.access)
      .map(({ name }) => name),
  )
  expect(open).toEqual([])
  for (const name of ['User', 'Role', 'Guild', 'Tenant']) {
    expect(schema.getType(name)?.extensions.access, name).toBeTruthy()
  }
  const fragile = fields.filter(({ field }) => {
    const { access } = field.extensions as { access?: { public?: boolean } | null }
    return access && !access.public && String(field.type).endsWith('!')
  })
  expect(fragile.map(({ owner, field }) => `${owner}.${field.name}`)).toEqual([])
})

test('only two fields of the roots are public', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ extensions }) => (extensions.access as { public?: boolean } | undefined)?.public)
      .map(({ name }) => name),
  )
  expect(open.sort()).toEqual(['refreshTokens', 'signIn'])
})

test('the scopes of the fields are known and declared', () => {
  const asked = [...types, ...fields.map(({ field }) => field)].flatMap(({ extensions }) =>
    ((extensions.access as { scopes?: string[][] } | null)?.scopes ?? []).flat(),
  )
  expect(asked.filter((scope) => !SCOPE_NAMES.includes(scope as never))).toEqual([])
  expect(asked.filter((scope) => !IDENTITY_SCOPES.includes(scope as never))).toEqual([])
})

test('it composes with tenancy', () => {
  const part = (name: string, of: typeof schema) => ({
    name,
    url: `http://${name}.local`,
    sdl: printSubgraph(of),
  })
  const supergraph = composeSupergraph([part('identity', schema), part('tenancy', tenancySchema)])
  expect(supergraph).toContain('type User')
})

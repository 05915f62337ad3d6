import { isInputObjectType, isIntrospectionType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#subgraphs/tenancy/schema.ts'

const FEDERATION = new Set(['_Service', '_Entity', '_entities', '_service'])

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !FEDERATION.has(type.name),
)
const fieldsOf = types.flatMap((type) =>
  isObjectType(type) || isInputObjectType(type)
    ? Object.values(type.getFields()).map((field) => ({ owner: type.name, field }))
    : [],
)

/** Not tenancy's own: GraphQL's, federation's, and the page of every connection. */
const FOREIGN = /^(String|Int|Float|Boolean|ID|_Any|Service|PageInfo)\b/

test('every type, field and argument is described', () => {
  const silent = [
    ...types.filter(({ description }) => !description).map(({ name }) => name),
    ...fieldsOf
      .filter(({ field }) => !field.description && !FEDERATION.has(field.name))
      .map(({ owner, field }) => `${owner}.${field.name}`),
  ].filter((name) => !FOREIGN.test(name))
  expect(silent).toEqual([])
})

test('every root field and every entity says who may have it, and refused fields are nullable', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ name }) => !FEDERATION.has(name))
      .filter(({ extensions }) => !extensions.access)
      .map(({ name }) => name),
  )
  expect(open).toEqual([])
  for (const name of ['Tenant', 'Guild', 'User']) {
    expect(schema.getType(name)?.extensions.access, name).toBeTruthy()
  }
  const fragile = fieldsOf
    .filter(({ field }) => field.extensions.access && String(field.type).endsWith('!'))
    .map(({ owner, field }) => `${owner}.${field.name}`)
  expect(fragile).toEqual([])
})

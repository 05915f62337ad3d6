import { isEnumType, isInputObjectType, isIntrospectionType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { composeSupergraph, printSubgraph } from '#kernel/graphql/compose.ts'
import { schema } from '#subgraphs/analytics/schema.ts'
import { openAnalytics } from './analytics-kit.ts'

/** Not analytics' own: GraphQL's, federation's, and the page of every connection. */
const FOREIGN = /^(String|Int|Float|Boolean|ID|_.*|PageInfo)$/

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !FOREIGN.test(type.name),
)

test('every type, field, argument and value is described', () => {
  const parts = types.flatMap((type) => {
    const isFielded = isObjectType(type) || isInputObjectType(type)
    const fields = isFielded ? Object.values(type.getFields()) : []
    const values = isEnumType(type) ? type.getValues() : []
    return [
      type,
      ...[...fields, ...values].map((part) => ({ ...part, name: `${type.name}.${part.name}` })),
    ]
  })
  const silent = parts.filter(({ description }) => !description).map(({ name }) => name)
  expect(silent.filter((name) => !/\._(service|entities)$/.test(name))).toEqual([])
})

test('every list says how long it is', () => {
  const sdl = printSubgraph(schema)
  const lists = sdl.split('\n').filter((line) => /\): .*Connection @|: .*Connection @/.test(line))
  expect(lists.length).toBeGreaterThan(5)
  expect(lists.filter((line) => !line.includes('@listSize'))).toEqual([])
})

test('the schema composes on its own', () => {
  const sdl = printSubgraph(schema)
  const supergraph = composeSupergraph([{ name: 'analytics', url: 'http://127.0.0.1', sdl }])
  expect(supergraph).toContain('oddsChanged')
})

test('the migrations bring a database to its entities', async () => {
  await using world = await openAnalytics()
  expect(await schemaDrift(world.database)).toEqual([])
})

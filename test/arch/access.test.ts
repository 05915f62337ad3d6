import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLObjectTypeConfig,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { printSubgraph } from '#kernel/graphql/compose.ts'
import { loadDoors } from './kit/doors.ts'
import { refusalsThatSpread, undeclaredAccess, undescribed, unsizedLists } from './rules/access.ts'

const doors = await loadDoors()

describe.each([...doors.values()])('the schema of $name', ({ schema }) => {
  test('says of every root field and every type with a key who may have it', () => {
    expect(undeclaredAccess(schema)).toEqual([])
  })

  test('lets no refused field take its parent with it', () => {
    expect(refusalsThatSpread(schema)).toEqual([])
  })

  test('describes every type, field, argument, input and value', () => {
    expect(undescribed(schema)).toEqual([])
  })

  test('says of every connection how long it is', () => {
    expect(unsizedLists(printSubgraph(schema))).toEqual([])
  })
})

type Fields = GraphQLObjectTypeConfig<unknown, unknown>['fields']

const open = { access: { public: true } }
const guarded = { access: { scopes: [['users:read']] } }
const objectType = (name: string, fields: Fields, extensions: object = {}) =>
  new GraphQLObjectType({ name, description: `A ${name}.`, fields, extensions: { ...extensions } })

const name = { type: new GraphQLNonNull(GraphQLString), description: 'A name.' }

function schemaOf(query: GraphQLObjectType, entities: GraphQLObjectType[] = []): GraphQLSchema {
  const union = new GraphQLUnionType({ name: '_Entity', types: entities })
  return new GraphQLSchema({ query, types: entities.length > 0 ? [union] : [] })
}

describe('a root field or a type with a key that says nothing of access is found', () => {
  const query = objectType('Query', { health: { ...name, extensions: open } })

  test('allowed: both say it, and a type without a key says nothing', () => {
    const user = objectType('User', { name }, guarded)
    expect(undeclaredAccess(schemaOf(query, [user]))).toEqual([])
  })

  test('refused: a root field that is silent', () => {
    const silent = objectType('Query', { health: name })
    expect(undeclaredAccess(schemaOf(silent))).toEqual(['Query.health says nothing of access'])
  })

  test('refused: a type with a key that is silent, though its field is guarded', () => {
    const user = objectType('User', { name: { ...name, extensions: guarded } })
    expect(undeclaredAccess(schemaOf(query, [user]))).toEqual([
      'User has a key and says nothing of access',
    ])
  })
})

describe('a refusal that takes its parent with it is found', () => {
  test('allowed: a guarded field that may be null, a public one that may not', () => {
    const query = objectType('Query', {
      email: { ...name, type: GraphQLString, extensions: guarded },
      health: { ...name, extensions: open },
    })
    expect(refusalsThatSpread(schemaOf(query))).toEqual([])
  })

  test('refused: a guarded field that is never null', () => {
    const query = objectType('Query', { email: { ...name, extensions: guarded } })
    expect(refusalsThatSpread(schemaOf(query))).toEqual([
      'Query.email has access of its own and is never null',
    ])
  })
})

test('a type or field without a description is found', () => {
  const silent = new GraphQLObjectType({
    name: 'Query',
    fields: { health: { type: GraphQLString } },
  })
  expect(undescribed(schemaOf(silent))).toEqual(['Query', 'Query.health'])
  expect(undescribed(schemaOf(objectType('Query', { name })))).toEqual([])
})

test('an argument, an input or a value without a description is found', () => {
  const [Order, Where] = [
    new GraphQLEnumType({ name: 'Order', description: 'How.', values: { NAME: {} } }),
    new GraphQLInputObjectType({
      name: 'Where',
      description: 'Which.',
      fields: { name: { type: GraphQLString } },
    }),
  ]
  const args = { where: { type: Where }, order: { type: Order, description: 'How.' } }
  const query = objectType('Query', { user: { ...name, args } })
  expect(undescribed(schemaOf(query)).sort()).toEqual([
    'Order.NAME',
    'Query.user.where',
    'Where.name',
  ])
})

test('a connection that does not say how long it is is found', () => {
  const sized = '  users(first: Int): UserConnection @listSize(assumedSize: 100)'
  expect(unsizedLists(sized)).toEqual([])
  expect(unsizedLists(`${sized}\n  roles: RoleConnection!\n`)).toEqual(['roles: RoleConnection!'])
})

import { type GraphQLNamedType, isEnumType, isInputObjectType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { compliance } from '#subgraphs/compliance/subgraph.ts'

const { schema } = compliance

const fieldsOf = (name: string): string[] => {
  const type = schema.getType(name)
  return isObjectType(type) ? Object.keys(type.getFields()) : []
}

const toFieldName = (value: string) =>
  value.toLowerCase().replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())

/** The names that a list's argument compares, orders or groups by. */
function namesIn(type: GraphQLNamedType): string[] {
  if (isInputObjectType(type)) {
    return Object.keys(type.getFields()).filter((name) => !/^(and|or|not)$/.test(name))
  }
  return isEnumType(type) ? type.getValues().map(({ name }) => toFieldName(name)) : []
}

const ARGUMENT = /^(\w+?)(?:Where|OrderField|Group)$/

const ARGUMENTS = Object.values(schema.getTypeMap()).flatMap((type) => {
  const owner = ARGUMENT.exec(type.name)?.[1]
  return owner !== undefined && fieldsOf(owner).length > 0 ? [{ owner, type }] : []
})

test('what lists are filtered, ordered and grouped by is called as the field of the type is', () => {
  expect(ARGUMENTS.length).toBeGreaterThan(7)
  const unknown = ARGUMENTS.flatMap(({ owner, type }) => {
    const fields = fieldsOf(owner)
    // `tenantId` compares the id of the field `tenant`.
    const isField = (name: string) => fields.includes(name) || fields.includes(name.slice(0, -2))
    return namesIn(type)
      .filter((name) => !isField(name))
      .map((name) => `${type.name}.${name}`)
  })
  expect(unknown).toEqual([])
})

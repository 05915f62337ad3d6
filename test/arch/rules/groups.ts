import { type GraphQLSchema, isEnumType, isInputObjectType } from 'graphql'

const GROUP = /^(\w+)Group$/

/** What `<name>Group` groups by and `<name>Where` does not compare: values that lead nowhere. */
export function groupsOutsideWhere(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    const owner = GROUP.exec(type.name)?.[1]
    const where = schema.getType(`${owner}Where`)
    if (!isEnumType(type) || !isInputObjectType(where)) return []
    const compared = where.getFields()
    return type
      .getValues()
      .filter(({ value }) => !Object.hasOwn(compared, value as string))
      .map(({ name }) => `${type.name}.${name} is not compared by ${where.name}`)
  })
}

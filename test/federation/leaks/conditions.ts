import { type GraphQLInputObjectType, getNamedType } from 'graphql'
import type { IdsOfKinds } from './id-kinds.ts'
import { kindsOf } from './id-kinds.ts'

/** A `where` to try. */
export type Condition = {
  where: Readonly<Record<string, unknown>>
  /** True when no row of one's own meets it: any row in the answer is another's. */
  isForeignAlone: boolean
}

type Sides = { foreign: IdsOfKinds; own: IdsOfKinds; marker: string }

const alone = (where: Condition['where']): Condition => ({ where, isForeignAlone: true })
const mixed = (where: Condition['where']): Condition => ({ where, isForeignAlone: false })

function idConditions(name: string, owner: string, { foreign, own }: Sides): Condition[] {
  return kindsOf(name, owner).flatMap((kind) => {
    const ids = foreign[kind]
    const self = own[kind][0] ?? '1'
    const each = ids.flatMap((id) => [
      alone({ [name]: { eq: id } }),
      alone({ and: [{ [name]: { eq: id } }] }),
      alone({ not: { not: { [name]: { eq: id } } } }),
      mixed({ or: [{ [name]: { eq: id } }, { [name]: { eq: self } }] }),
      mixed({ or: [{ not: { [name]: { eq: self } } }, { [name]: { eq: id } }] }),
    ])
    if (ids.length === 0) return []
    return [...each, alone({ [name]: { in: [...ids] } }), mixed({ not: { [name]: { eq: self } } })]
  })
}

const textConditions = (name: string, marker: string): Condition[] => [
  alone({ [name]: { contains: marker } }),
  alone({ not: { not: { [name]: { contains: marker } } } }),
  mixed({ [name]: { gt: ' ' } }),
  mixed({ not: { [name]: { eq: 'nothing is called so' } } }),
]

/** Every condition that a filter can put on foreign rows, by the fields that it compares. */
export function conditionsOf(filter: GraphQLInputObjectType, sides: Sides): Condition[] {
  const owner = filter.name.replace(/Where$/, '')
  const compared = Object.values(filter.getFields()).flatMap(({ name, type }) => {
    const comparison = getNamedType(type).name
    if (comparison === 'IDFilter') return idConditions(name, owner, sides)
    return comparison === 'StringFilter' ? textConditions(name, sides.marker) : []
  })
  return [mixed({}), mixed({ not: { and: [{ not: {} }] } }), ...compared]
}

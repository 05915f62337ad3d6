import fc from 'fast-check'
import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** Numbers that decide what is selected next; when they run out, the first possibility is taken. */
type Choices = (below: number) => number

function choicesOf(numbers: readonly number[]): Choices {
  let index = 0
  return (below) => (numbers[index++] ?? 0) % below
}

type Site = { schema: GraphQLSchema; choose: Choices; aliases: { count: number } }

function fieldText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const fields = 'getFields' in type ? Object.values(type.getFields()) : []
  const usable = fields.filter(
    (field) => field.args.length === 0 && (depth > 0 || !isCompositeType(getNamedType(field.type))),
  )
  const field = usable[site.choose(usable.length || 1)]
  if (!field || site.choose(8) === 0) return '__typename'
  const alias = site.choose(3) === 0 ? `a${site.aliases.count++}: ` : ''
  const named = getNamedType(field.type)
  const inside = isCompositeType(named) ? ` ${selectionText(site, named, depth - 1)}` : ''
  const condition =
    site.choose(10) === 0 ? ` @${['skip', 'include'][site.choose(2)]}(if: $flag)` : ''
  return `${alias}${field.name}${condition}${inside}`
}

function fragmentText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const objects = isAbstractType(type) ? site.schema.getPossibleTypes(type) : []
  const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : []
  const candidates: GraphQLCompositeType[] = [type, ...objects, ...interfaces]
  const condition = candidates[site.choose(candidates.length)] ?? type
  const on = site.choose(5) === 0 ? type : condition
  const written = on === type && site.choose(2) === 0 ? '' : ` on ${on.name}`
  return `...${written} ${selectionText(site, on, depth)}`
}

function selectionText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + site.choose(4)
  const parts = Array.from({ length: count }, () =>
    depth > 0 && (isAbstractType(type) ? site.choose(2) === 0 : site.choose(6) === 0)
      ? fragmentText(site, type, depth - 1)
      : fieldText(site, type, depth),
  )
  return `{ ${parts.join(' ')} }`
}

/** Operations over a schema: aliases, fragments of every kind, conditions, lists and unions. */
export function randomQuery(schema: GraphQLSchema): fc.Arbitrary<string> {
  const root = schema.getQueryType()
  if (!root) throw new Error('no query type')
  return fc.array(fc.nat({ max: 9999 }), { minLength: 4, maxLength: 80 }).map((numbers) => {
    const site = { schema, choose: choicesOf(numbers), aliases: { count: 0 } }
    return `query ($flag: Boolean!) ${selectionText(site, root, 4)}`
  })
}

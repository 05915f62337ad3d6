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

type Site = {
  schema: GraphQLSchema
  choose: Choices
  aliases: { count: number }
  /** How rare fragments are where none is needed. */
  fragmentsOneIn: number
  /** How `@defer` is written at a fragment, if at all. */
  defer: (choose: Choices) => string
}

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
  return `...${written}${site.defer(site.choose)} ${selectionText(site, on, depth)}`
}

function selectionText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + site.choose(4)
  const parts = Array.from({ length: count }, () =>
    depth > 0 && site.choose(isAbstractType(type) ? 2 : site.fragmentsOneIn) === 0
      ? fragmentText(site, type, depth - 1)
      : fieldText(site, type, depth),
  )
  return `{ ${parts.join(' ')} }`
}

const never = () => ''

/** Half of all fragments, some of them if `$late` says so. */
function deferring(): Site['defer'] {
  let labels = 0
  return (choose) => {
    if (choose(2) === 0) return ''
    const label = choose(2) === 0 ? `label: "l${labels++}"` : ''
    const condition = choose(4) === 0 ? 'if: $late' : ''
    const given = [label, condition].filter(Boolean).join(', ')
    return given ? ` @defer(${given})` : ' @defer'
  }
}

/** Operations over a schema: aliases, fragments of every kind, conditions, lists and unions. */
export function randomQuery(schema: GraphQLSchema, minLength = 4): fc.Arbitrary<string> {
  return operations(schema, {
    ...{ variables: '$flag: Boolean!', deferrers: () => never, fragmentsOneIn: 6, minLength },
  })
}

/** The same, with `@defer` at any fragment. */
export function randomDeferredQuery(schema: GraphQLSchema): fc.Arbitrary<string> {
  const variables = '$flag: Boolean!, $late: Boolean! = true'
  return operations(schema, {
    ...{ variables, deferrers: deferring, fragmentsOneIn: 2, minLength: 60 },
  })
}

type Style = {
  variables: string
  deferrers: () => Site['defer']
  fragmentsOneIn: number
  minLength: number
}

function operations(
  schema: GraphQLSchema,
  { variables, deferrers, fragmentsOneIn, minLength }: Style,
): fc.Arbitrary<string> {
  const root = schema.getQueryType()
  if (!root) throw new Error('no query type')
  return fc
    .array(fc.nat({ max: 9999 }), { minLength, maxLength: minLength + 80 })
    .map((numbers) => {
      const choose = choicesOf(numbers)
      const site = { schema, choose, aliases: { count: 0 }, fragmentsOneIn, defer: deferrers() }
      return `query (${variables}) ${selectionText(site, root, 4)}`
    })
}

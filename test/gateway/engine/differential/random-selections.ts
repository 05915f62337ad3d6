import {
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import type { Chance } from './chance.ts'
import type { RandomVariables } from './random-variables.ts'

/** A named fragment of a document. */
export type RandomFragment = { name: string; type: GraphQLCompositeType; text: string }

/** What the parts of one document share while it is made up. */
export type Site = {
  schema: GraphQLSchema
  chance: Chance
  variables: RandomVariables
  fragments: RandomFragment[]
  counts: { aliases: number; fragments: number; fields: number }
  /** Beyond so many fields little is added. */
  mostFields: number
  /** Response keys that every object of JavaScript has, each used once. */
  strangeKeys: string[]
}

const STRANGE_KEYS = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty']
const MOST_FIELDS = 30

/** Begins a document. */
export const siteOf = (
  schema: GraphQLSchema,
  chance: Chance,
  variables: RandomVariables,
): Site => ({
  ...{ schema, chance, variables, fragments: [], strangeKeys: [...STRANGE_KEYS] },
  counts: { aliases: 0, fragments: 0, fields: 0 },
  mostFields: 4 + chance.below(MOST_FIELDS),
})

type Field = GraphQLField<unknown, unknown>

function argumentsText({ chance, variables }: Site, field: Field): string {
  const given = field.args.filter((argument) => isRequiredArgument(argument) || chance.oneIn(2))
  const texts = given.map(
    ({ name, type, defaultValue }) =>
      `${name}: ${variables.argument(type, defaultValue !== undefined)}`,
  )
  return texts.length > 0 ? `(${texts.join(', ')})` : ''
}

function conditionText({ chance, variables }: Site): string {
  if (!chance.oneIn(9)) return ''
  const once = () => `@${chance.of(['skip', 'include'])}(if: ${variables.condition()})`
  if (!chance.oneIn(6)) return ` ${once()}`
  return ` @skip(if: ${variables.condition()}) @include(if: ${variables.condition()})`
}

function aliasText({ chance, counts, strangeKeys }: Site, hasArguments: boolean): string {
  if (chance.oneIn(20)) {
    const [key] = strangeKeys.splice(chance.below(strangeKeys.length), 1)
    if (key) return `${key}: `
  }
  return hasArguments || chance.oneIn(4) ? `a${counts.aliases++}: ` : ''
}

/** A field as it is asked once; asked again in the same words, both mean one response key. */
type Head = { text: string; field: Field }

function headOf(site: Site, fields: readonly Field[], crossing: readonly Field[]): Head {
  const field = site.chance.of(fields)
  const given = argumentsText(site, field)
  const another = site.chance.oneIn(150) ? site.chance.of(crossing) : null
  const alias = another ? `${another.name}: ` : aliasText(site, field.args.length > 0)
  return { text: `${alias}${field.name}${given}`, field }
}

function fieldText(site: Site, { text, field }: Head, depth: number): string {
  site.counts.fields++
  const named = getNamedType(field.type)
  const inside = isCompositeType(named) ? ` ${selectionText(site, named, depth - 1)}` : ''
  return `${text}${conditionText(site)}${inside}`
}

function conditionsFor({ schema }: Site, type: GraphQLCompositeType): GraphQLCompositeType[] {
  const objects = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
  const interfaces = objects.flatMap((object) => object.getInterfaces())
  return [...new Set<GraphQLCompositeType>([type, ...objects, ...objects, ...interfaces])]
}

function newFragment(site: Site, type: GraphQLCompositeType, depth: number): string {
  const name = `F${site.counts.fragments++}`
  const text = `fragment ${name} on ${type.name} ${selectionText(site, type, depth)}`
  site.fragments.push({ name, type, text })
  return name
}

function fragmentText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const { chance, schema, fragments } = site
  const on = chance.of(conditionsFor(site, type))
  const fitting = fragments.filter((fragment) => doTypesOverlap(schema, fragment.type, type))
  if (fitting.length > 0 && chance.oneIn(3))
    return `...${chance.of(fitting).name}${conditionText(site)}`
  if (chance.oneIn(3)) {
    const name = newFragment(site, on, depth)
    return `...${name}${conditionText(site)}`
  }
  const written = on === type && chance.oneIn(2) ? '' : ` on ${on.name}`
  return `...${written}${conditionText(site)} ${selectionText(site, on, depth)}`
}

function fieldsOf(type: GraphQLCompositeType, depth: number): Field[] {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
  return depth > 0 ? fields : fields.filter(({ type: of }) => !isCompositeType(getNamedType(of)))
}

/** What is asked of an object; deeper than `depth` only leaves. */
export function selectionText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const { chance, counts } = site
  const fields = fieldsOf(type, depth)
  const crossing = fieldsOf(type, 0)
  const heads: Head[] = []
  const count =
    counts.fields > site.mostFields ? 1 : (counts.fields === 0 ? 2 : 1) + chance.below(5)
  const parts = Array.from({ length: count }, () => {
    const asksFragment = depth > 0 && counts.fields <= site.mostFields
    if (asksFragment && chance.oneIn(isAbstractType(type) ? 2 : 7))
      return fragmentText(site, type, depth - 1)
    if (fields.length === 0 || chance.oneIn(12))
      return chance.oneIn(4) ? `t${counts.aliases++}: __typename` : '__typename'
    if (heads.length > 0 && chance.oneIn(10)) return fieldText(site, chance.of(heads), depth)
    const head = headOf(site, fields, crossing.length > 0 ? crossing : fields)
    heads.push(head)
    return fieldText(site, head, depth)
  })
  return `{ ${parts.join(' ')} }`
}

/** One field of a root type with all that it needs. */
export function rootFieldText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const fields = fieldsOf(type, depth)
  return fieldText(site, headOf(site, fields, fields), depth)
}

/** The same of a subscription, whose only field may not be left out. */
export function eventFieldText(site: Site, type: GraphQLCompositeType, depth: number): string {
  const head = headOf(site, fieldsOf(type, depth), fieldsOf(type, depth))
  const named = getNamedType(head.field.type)
  const inside = isCompositeType(named) ? ` ${selectionText(site, named, depth - 1)}` : ''
  return `${head.text}${inside}`
}

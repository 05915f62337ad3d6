import { type GraphQLSchema, type OperationTypeNode, parse, validate } from 'graphql'
import { type Chance, chanceOf } from './chance.ts'
import {
  eventFieldText,
  rootFieldText,
  type Site,
  selectionText,
  siteOf,
} from './random-selections.ts'
import { createRandomVariables } from './random-variables.ts'

/** An operation as a client sends it. */
export type RandomOperation = {
  kind: `${OperationTypeNode}`
  text: string
  operationName: string | undefined
  variables: Record<string, unknown>
}

const DEPTH = 5

function rootOf(schema: GraphQLSchema, kind: RandomOperation['kind']) {
  if (kind === 'mutation') return schema.getMutationType()
  return kind === 'subscription' ? schema.getSubscriptionType() : schema.getQueryType()
}

function kindFor(schema: GraphQLSchema, chance: Chance): RandomOperation['kind'] {
  if (schema.getMutationType() && chance.oneIn(5)) return 'mutation'
  return schema.getSubscriptionType() && chance.oneIn(5) ? 'subscription' : 'query'
}

function introspectionText({ chance, schema }: Site): string {
  const types = Object.keys(schema.getTypeMap())
  if (chance.oneIn(2)) return 's: __schema { queryType { name } directives { name args { name } } }'
  return `i: __type(name: "${chance.of(types)}") { kind name fields(includeDeprecated: true) { name type { kind ofType { name } } } }`
}

function bodyText(site: Site, kind: RandomOperation['kind']): string {
  const { chance } = site
  const root = rootOf(site.schema, kind)
  if (!root) throw new Error(`no ${kind} type`)
  if (kind === 'subscription') return `{ ${eventFieldText(site, root, DEPTH)} }`
  if (kind === 'query' && !chance.oneIn(15)) return selectionText(site, root, DEPTH)
  if (kind === 'query')
    return `{ ${introspectionText(site)} ${rootFieldText(site, root, DEPTH)} __typename }`
  const fields = Array.from({ length: 1 + chance.below(4) }, () => rootFieldText(site, root, 3))
  return `{ ${fields.join(' ')} }`
}

/** Variables of a text and of all fragments that it spreads, however deep. */
function variablesIn(text: string, site: Site, seen = new Set<string>()): string[] {
  const own = [...text.matchAll(/\$(v\d+)\b/g)].map(([, name]) => name ?? '')
  const spread = [...text.matchAll(/\.\.\.(F\d+)\b/g)].flatMap(([, name]) => {
    const fragment = site.fragments.find((one) => one.name === name)
    if (!fragment || seen.has(fragment.name)) return []
    seen.add(fragment.name)
    return variablesIn(fragment.text, site, seen)
  })
  return [...own, ...spread]
}

function operationText(site: Site, kind: RandomOperation['kind'], name: string): string {
  const body = bodyText(site, kind)
  const definitions = site.variables.definitions(variablesIn(body, site))
  if (name === '' && definitions === '' && kind === 'query') return body
  return `${kind} ${name}${definitions} ${body}`
}

/** Makes up a document; it is valid nearly always, which the caller has to see to. */
export function randomOperation(schema: GraphQLSchema, seed: string): RandomOperation {
  const chance = chanceOf(seed)
  const variables = createRandomVariables(chance)
  const site = siteOf(schema, chance, variables)
  const kind = kindFor(schema, chance)
  const hasSeveral = chance.oneIn(6)
  const name = hasSeveral || chance.oneIn(3) ? 'Asked' : ''
  const asked = operationText(site, kind, name)
  const other = hasSeveral ? operationText(site, 'query', 'Other') : ''
  const texts = [other, asked, ...site.fragments.map(({ text }) => text)]
  return {
    kind,
    text: texts.filter((text) => text !== '').join('\n'),
    operationName: name === '' ? undefined : name,
    variables: variables.values(),
  }
}

/** True when a schema takes an operation. */
export function isValid(schema: GraphQLSchema, { text }: RandomOperation): boolean {
  return validate(schema, parse(text, { noLocation: true })).length === 0
}

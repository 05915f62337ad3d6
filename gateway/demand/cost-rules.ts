import {
  type CompositeType,
  type FieldDefinition,
  isCompositeType,
  isListType,
  isNonNullType,
  type NamedType,
  type Schema,
  type Supergraph,
  type Type,
} from '@apollo/federation-internals'
import { gatewayError } from '../errors.ts'
import type { SlicingPaths } from './slicing-paths.ts'

/** How long a list is, as `@listSize` says. */
export type ListSizeRule = {
  assumedSize: number | null
  /** Paths of arguments: `first`, or `input.page.first`. */
  slicingArguments: readonly (readonly string[])[]
  sizedFields: ReadonlySet<string>
  requiresOneSlicingArgument: boolean
}

/** The names by which one schema calls the two directives. */
export type CostDirectives = {
  cost: string | null
  listSize: string | null
  /** What `@listSize` says beside what its schema holds. */
  paths: SlicingPaths
}

const COST_SPECIFICATION = 'https://specs.apollo.dev/cost'
const PLAIN_NAMES = ['cost', 'listSize'] as const

function refuse(reason: string, coordinate: string): never {
  throw gatewayError('SUPERGRAPH_INVALID', { reason, coordinate })
}

/** Whatever in a schema can carry a directive. */
type Element = {
  readonly coordinate: string
  appliedDirectivesOf: (name: string) => readonly { arguments: () => object }[]
}
type Arguments = Readonly<Record<string, unknown>>

/** The arguments of the one application of a directive. */
function argumentsOf(element: Element, name: string | null): Arguments | null {
  if (name === null) return null
  const [applied] = element.appliedDirectivesOf(name)
  return applied ? { ...applied.arguments() } : null
}

/** The weight that stands at an element itself, or null. @throws SUPERGRAPH_INVALID */
export function weightAt(element: Element, { cost }: CostDirectives): number | null {
  const given = argumentsOf(element, cost)
  if (!given) return null
  const { weight } = given
  if (typeof weight === 'number' && Number.isSafeInteger(weight) && weight >= 0) return weight
  return refuse('the weight of @cost is no whole number from 0', element.coordinate)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function textsIn(value: unknown, coordinate: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every(isText)) return value
  return refuse('@listSize names something that is no name', coordinate)
}

/** What `@listSize` says of a field, or null. @throws SUPERGRAPH_INVALID */
export function listSizeAt(
  field: Element,
  { listSize, paths }: CostDirectives,
): ListSizeRule | null {
  const given = argumentsOf(field, listSize)
  if (!given) return null
  const { coordinate } = field
  const { assumedSize = null, requireOneSlicingArgument = true } = given
  const isSize =
    assumedSize === null || (typeof assumedSize === 'number' && Number.isSafeInteger(assumedSize))
  if (!isSize || (assumedSize ?? 0) < 0)
    return refuse('the assumed size of @listSize is no whole number from 0', coordinate)
  if (typeof requireOneSlicingArgument !== 'boolean')
    return refuse('requireOneSlicingArgument of @listSize is not true or false', coordinate)
  return {
    assumedSize,
    slicingArguments: [
      ...textsIn(given.slicingArguments, coordinate),
      ...(paths.get(coordinate) ?? []),
    ].map((path) => path.split('.')),
    sizedFields: new Set(textsIn(given.sizedFields, coordinate)),
    requiresOneSlicingArgument: requireOneSlicingArgument,
  }
}

/** A type without its wrappings, and whether one of them is a list. */
export function unwrapped(type: Type): { named: NamedType; isList: boolean } {
  if (isNonNullType(type)) return unwrapped(type.ofType)
  if (!isListType(type)) return { named: type, isList: false }
  return { named: unwrapped(type.ofType).named, isList: true }
}

type Field = FieldDefinition<CompositeType>

function checkSlices(field: Field, rule: ListSizeRule): void {
  for (const [first = '', ...rest] of rule.slicingArguments) {
    const argument = field.argument(first)
    let type = argument?.type
    for (const name of rest) {
      const { named } = type ? unwrapped(type) : { named: null }
      type = named?.kind === 'InputObjectType' ? named.field(name)?.type : undefined
    }
    if (!type) refuse(`@listSize slices by ${[first, ...rest].join('.')}`, field.coordinate)
  }
}

function checkField(field: Field, names: CostDirectives): void {
  weightAt(field, names)
  for (const argument of field.arguments()) weightAt(argument, names)
  const rule = listSizeAt(field, names)
  if (!rule || !field.type) return
  checkSlices(field, rule)
  const { named } = unwrapped(field.type)
  for (const name of rule.sizedFields) {
    const sized = isCompositeType(named) && named.kind !== 'UnionType' ? named.field(name) : null
    if (!sized?.type || !unwrapped(sized.type).isList)
      refuse(`@listSize sizes ${name}, which is no list`, field.coordinate)
  }
}

/** How the supergraph itself calls the directives: renamed imports included. */
function namesIn(schema: Schema, paths: SlicingPaths): CostDirectives {
  const linked = schema.coreFeatures?.getByIdentity(COST_SPECIFICATION)
  for (const name of PLAIN_NAMES) {
    // A forgotten link would switch every bound off without a word.
    if (!linked && schema.directive(name)) refuse('cost rules without their @link', `@${name}`)
  }
  if (!linked) return { cost: null, listSize: null, paths }
  return {
    cost: linked.directiveNameInSchema('cost'),
    listSize: linked.directiveNameInSchema('listSize'),
    paths,
  }
}

/**
 * Reads every cost rule of a supergraph once, so that none that cannot be understood is passed over.
 * @returns how the rules are called there
 * @throws SUPERGRAPH_INVALID
 */
export function checkCostRules(
  { schema }: Pick<Supergraph, 'schema'>,
  paths: SlicingPaths,
): CostDirectives {
  const names = namesIn(schema, paths)
  for (const type of schema.types()) {
    weightAt(type, names)
    if (type.kind === 'InputObjectType') for (const field of type.fields()) weightAt(field, names)
    if (type.kind === 'ObjectType' || type.kind === 'InterfaceType')
      for (const field of type.fields()) checkField(field, names)
  }
  return names
}

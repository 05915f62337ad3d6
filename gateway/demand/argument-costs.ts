import {
  type ArgumentNode,
  type FieldNode,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import { isRecord } from '../transport/answer.ts'
import { type Amount, amountFor, sumOf, type Variables } from './amount.ts'
import type { ListSizeRule } from './cost-rules.ts'
import type { FieldCost, InputCost } from './cost-table.ts'

/** A value as it is written, or what it will be once the variables are known. */
type Given = { value: unknown } | { in: (variables: Variables) => unknown }

function hasVariables(node: ValueNode): boolean {
  if (node.kind === Kind.VARIABLE) return true
  if (node.kind === Kind.LIST) return node.values.some(hasVariables)
  return node.kind === Kind.OBJECT && node.fields.some(({ value }) => hasVariables(value))
}

/** `valueFromASTUntyped` asks for variables that it may write to, and only reads them. */
const writtenValue = (node: ValueNode, variables: Variables): unknown =>
  valueFromASTUntyped(node, { ...variables })

function givenBy({ value: node }: ArgumentNode): Given {
  if (!hasVariables(node)) return { value: valueFromASTUntyped(node) }
  // The usual case costs nothing but a look.
  if (node.kind === Kind.VARIABLE) return { in: (variables) => variables[node.name.value] }
  return { in: (variables) => writtenValue(node, variables) }
}

/** An object 1 or its weight and what is in it; a list its weight and its items; nothing for null. */
function costOfValue(value: unknown, cost: InputCost): number {
  if (value === undefined || value === null) return 0
  const { weight, field } = cost
  if (Array.isArray(value)) {
    return value.reduce((sum: number, item) => sum + costOfValue(item, cost), weight ?? 0)
  }
  if (!field || !isRecord(value)) return weight ?? 0
  let sum = weight ?? 1
  for (const [name, inner] of Object.entries(value)) {
    const known = field(name)
    if (known) sum += costOfValue(inner, known)
  }
  return sum
}

/**
 * What the arguments of a field cost, whatever it answers. One that clients do not know of is the
 * planner's own, such as the contexts of a field, and costs nothing.
 */
export function argumentsCost({ arguments: nodes = [] }: FieldNode, field: FieldCost): Amount {
  const amounts = nodes.map((node): Amount => {
    const cost = field.argument(node.name.value)
    // A scalar without a weight costs nothing, whatever it is.
    if (!cost || (cost.weight === null && !cost.field)) return 0
    const given = givenBy(node)
    if ('value' in given) return costOfValue(given.value, cost)
    return (variables) => costOfValue(given.in(variables), cost)
  })
  return sumOf(amounts)
}

/** What stands at a path within a value, or its default there. */
function atPath(value: unknown, path: readonly string[], cost: InputCost | null): unknown {
  const here = value === undefined ? cost?.defaultValue : value
  const [name, ...rest] = path
  if (name === undefined) return here
  if (!isRecord(here)) return undefined
  return atPath(here[name], rest, cost?.field?.(name) ?? null)
}

type Slice = { path: readonly string[]; given: Given; cost: InputCost | null }

function slicesOf({ arguments: nodes = [] }: FieldNode, field: FieldCost, rule: ListSizeRule) {
  return rule.slicingArguments.map(([name = '', ...path]): Slice => {
    const node = nodes.find((argument) => argument.name.value === name)
    return { path, given: node ? givenBy(node) : { value: undefined }, cost: field.argument(name) }
  })
}

type Sliced = { size: number | null; isWrong: boolean; found: number }

function sliced(slices: readonly Slice[], rule: ListSizeRule, variables: Variables): Sliced {
  const sizes = slices.flatMap(({ path, given, cost }) => {
    const whole = 'value' in given ? given.value : given.in(variables)
    const value = atPath(whole, path, cost)
    return typeof value === 'number' && Number.isFinite(value) ? [value] : []
  })
  const isWrong = rule.requiresOneSlicingArgument && slices.length > 0 && sizes.length !== 1
  const size = sizes.length > 0 ? Math.max(0, ...sizes) : rule.assumedSize
  return { size, isWrong, found: sizes.length }
}

/** A length that is known, unknown, or known with the variables. */
export type Size = number | null | ((variables: Variables) => number | null)

/**
 * How long `@listSize` says that a list is: the largest of the slicing arguments, else what is
 * assumed, else nothing. What is answered throws COST_INVALID_SLICING_ARGUMENTS.
 */
export function listSizeOf(node: FieldNode, field: FieldCost): Size {
  const { listSize: rule } = field
  if (!rule) return null
  const slices = slicesOf(node, field, rule)
  const sizeFor = (variables: Variables) => {
    const { size, isWrong, found } = sliced(slices, rule, variables)
    if (isWrong)
      throw gatewayError('COST_INVALID_SLICING_ARGUMENTS', { field: node.name.value, found })
    return size
  }
  if (slices.some(({ given }) => 'in' in given)) return sizeFor
  const known = sliced(slices, rule, {})
  return known.isWrong ? sizeFor : known.size
}

/** The first length that is said, else the one that stands for all lists. */
export function firstSize(sizes: readonly Size[], otherwise: number): Amount {
  const [size, ...rest] = sizes
  if (size === undefined) return otherwise
  if (typeof size === 'number') return size
  const next = firstSize(rest, otherwise)
  return size === null ? next : (variables) => size(variables) ?? amountFor(next, variables)
}

import {
  type ArgumentDefinition,
  type CompositeType,
  type FieldDefinition,
  type InputFieldDefinition,
  isCompositeType,
  type NamedType,
  type Schema,
  type Supergraph,
} from '@apollo/federation-internals'
import type { OperationTypeNode } from 'graphql'
import {
  type CostDirectives,
  checkCostRules,
  type ListSizeRule,
  listSizeAt,
  unwrapped,
  weightAt,
} from './cost-rules.ts'
import type { SlicingPaths } from './slicing-paths.ts'

/** What an argument or a field of an input costs. */
export type InputCost = {
  /** Its own weight, or that of its type; null where neither has one. */
  weight: number | null
  defaultValue: unknown
  /** The fields of an input object by name; null for anything else. */
  field: ((name: string) => InputCost | null) | null
}

/** What one field of one type costs in one subgraph. */
export type FieldCost = {
  /** Its own weight, or that of its type; null where neither has one. */
  weight: number | null
  isComposite: boolean
  isList: boolean
  typeName: string
  listSize: ListSizeRule | null
  argument: (name: string) => InputCost | null
}

/** What the fields of one subgraph cost. */
export type CostTable = {
  rootOf: (kind: OperationTypeNode | `${OperationTypeNode}`) => string | null
  fieldOf: (typeName: string, name: string) => FieldCost | null
}

/** Cost tables by the names of subgraphs. */
export type CostTables = ReadonlyMap<string, CostTable>

/**
 * Reads what the fields of each subgraph cost. Composition gives each subgraph's field the rule of
 * the supergraph's, so one table serves them all, and no subgraph has to be extracted for it.
 * @throws SUPERGRAPH_INVALID for a rule that cannot be understood
 */
export function readCostTables(supergraph: Supergraph, paths: SlicingPaths): CostTables {
  const names = checkCostRules(supergraph, paths)
  const table = tableOf(supergraph.schema, names)
  return new Map(supergraph.subgraphsMetadata().map(({ name }) => [name, table]))
}

/** How subgraphs are asked for entities; it stands in no supergraph. */
const ENTITIES: FieldCost = {
  ...{ weight: null, isComposite: true, isList: true, typeName: '_Entity', listSize: null },
  argument: () => null,
}

function tableOf(schema: Schema, names: CostDirectives): CostTable {
  const known = new Map<string, FieldCost | null>()
  const query = schema.schemaDefinition.rootType('query')?.name
  known.set(`${query}._entities`, ENTITIES)
  return {
    rootOf: (kind) => schema.schemaDefinition.rootType(kind)?.name ?? null,
    fieldOf(typeName, name) {
      const coordinate = `${typeName}.${name}`
      const remembered = known.get(coordinate)
      if (remembered !== undefined) return remembered
      const cost = readField(schema, { typeName, name }, names)
      known.set(coordinate, cost)
      return cost
    },
  }
}

function readField(
  schema: Schema,
  { typeName, name }: { typeName: string; name: string },
  names: CostDirectives,
): FieldCost | null {
  const parent = schema.type(typeName)
  if (parent?.kind !== 'ObjectType' && parent?.kind !== 'InterfaceType') return null
  const field = parent.field(name)
  return field?.type ? fieldCost(field, names) : null
}

function fieldCost(field: FieldDefinition<CompositeType>, names: CostDirectives): FieldCost | null {
  if (!field.type) return null
  const { named, isList } = unwrapped(field.type)
  const inputs = new Map<string, InputCost | null>()
  for (const argument of field.arguments()) inputs.set(argument.name, inputCost(argument, names))
  return {
    weight: weightAt(field, names) ?? weightAt(named, names),
    isComposite: isCompositeType(named),
    isList,
    typeName: named.name,
    listSize: listSizeAt(field, names),
    argument: (name) => inputs.get(name) ?? null,
  }
}

function inputCost(
  input: ArgumentDefinition<FieldDefinition<CompositeType>> | InputFieldDefinition,
  names: CostDirectives,
): InputCost | null {
  if (!input.type) return null
  const { named } = unwrapped(input.type)
  return {
    weight: weightAt(input, names) ?? weightAt(named, names),
    defaultValue: input.defaultValue,
    field: fieldsOf(named, names),
  }
}

/** Looked up as they are met: input types may hold themselves. */
function fieldsOf(type: NamedType, names: CostDirectives): InputCost['field'] {
  if (type.kind !== 'InputObjectType') return null
  const known = new Map<string, InputCost | null>()
  return (name) => {
    const remembered = known.get(name)
    if (remembered !== undefined) return remembered
    const field = type.field(name)
    const cost = field ? inputCost(field, names) : null
    known.set(name, cost)
    return cost
  }
}

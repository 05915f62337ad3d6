import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  parse,
  valueFromASTUntyped,
  visit,
} from 'graphql'

/** Type → names of its fields that a plan may ask for beside what the client asks. */
export type ReservedKeys = ReadonlyMap<string, ReadonlySet<string>>

const FIELD_SETS: ReadonlySet<string> = new Set(['key', 'requires'])
const CONTEXT_ARGUMENTS = 'contextArguments'

function fieldSetsOf({ arguments: given = [] }: ConstDirectiveNode): string[] {
  return given.flatMap(({ name, value }) => {
    if (name.value === CONTEXT_ARGUMENTS) return selectionsOf(valueFromASTUntyped(value))
    return FIELD_SETS.has(name.value) && value.kind === Kind.STRING ? [value.value] : []
  })
}

/** `[{ name, type, context, selection }]` → what is read of objects further up (`@fromContext`). */
function selectionsOf(given: unknown): string[] {
  if (!Array.isArray(given)) return []
  return given.flatMap(({ selection }: { selection?: unknown }) =>
    typeof selection === 'string' ? [selection] : [],
  )
}

function namesIn(fieldSet: string): string[] {
  const names: string[] = []
  const text = fieldSet.trim().startsWith('{') ? fieldSet : `{ ${fieldSet} }`
  visit(parse(text), { Field: ({ name }) => void names.push(name.value) })
  return names
}

/**
 * Finds the fields by which a supergraph knows entities again (`key`), those that a subgraph has
 * others vouch for (`requires`) and those that it is given from further up (`@fromContext`). The planner takes an alias of such a name for the field itself: a
 * client could put words of its own into what one subgraph tells another.
 */
export function readReservedKeys(document: DocumentNode): ReservedKeys {
  const names = new Set<string>()
  visit(document, {
    Directive: (node) => {
      // Of a supergraph's definitions: no variables.
      for (const fieldSet of fieldSetsOf(node as ConstDirectiveNode))
        for (const name of namesIn(fieldSet)) names.add(name)
    },
  })
  const reserved = new Map<string, Set<string>>()
  for (const node of document.definitions) {
    if (!('name' in node && node.name && 'fields' in node)) continue
    const ofType = reserved.get(node.name.value) ?? new Set<string>()
    reserved.set(node.name.value, ofType)
    for (const { name } of node.fields ?? []) if (names.has(name.value)) ofType.add(name.value)
  }
  return reserved
}

/** True when another field of the type, or of a type that stands for it, may not be called so. */
export function isReservedKey(
  { schema, reservedKeys }: { schema: GraphQLSchema; reservedKeys: ReservedKeys },
  type: GraphQLCompositeType,
  key: string,
): boolean {
  const types = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type]
  return key === '__typename' || types.some(({ name }) => reservedKeys.get(name)?.has(key))
}

import {
  type ConstDirectiveNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  Kind,
  specifiedScalarTypes,
  type TypeNode,
  visit,
} from 'graphql'
import type { AccessFeatures } from './linked-features.ts'

const BUILT_IN: ReadonlySet<string> = new Set(specifiedScalarTypes.map((scalar) => scalar.name))

function innermostName(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : innermostName(type.type)
}

/** Types that only the arguments of the removed directives name, such as `requiresScopes__Scope`. */
function typesOfArguments(document: DocumentNode, features: AccessFeatures): Set<string> {
  const named = new Set<string>()
  for (const node of document.definitions) {
    if (node.kind !== Kind.DIRECTIVE_DEFINITION) continue
    if (!features.featureByDirective.has(node.name.value)) continue
    for (const argument of node.arguments ?? []) named.add(innermostName(argument.type))
  }
  for (const name of BUILT_IN) named.delete(name)
  return named
}

function typesUsedElsewhere(document: DocumentNode): Set<string> {
  const used = new Set<string>()
  visit(document, {
    NamedType: (node) => {
      used.add(node.name.value)
    },
  })
  return used
}

/**
 * The supergraph without its access features: their links, definitions, applications and scalars.
 * Only for what executes operations that were filtered before.
 */
export function withoutAccessRules(document: DocumentNode, features: AccessFeatures): DocumentNode {
  const candidates = typesOfArguments(document, features)
  const isAccessDirective = (name: string) => features.featureByDirective.has(name)
  const stripped = visit(document, {
    DirectiveDefinition: (node: DirectiveDefinitionNode) =>
      isAccessDirective(node.name.value) ? null : undefined,
    Directive: (node) =>
      isAccessDirective(node.name.value) || features.links.has(node as ConstDirectiveNode)
        ? null
        : undefined,
  })
  const used = typesUsedElsewhere(stripped)
  const isOrphan = (name: string) => candidates.has(name) && !used.has(name)
  const definitions = stripped.definitions.filter(
    (node) => !('name' in node && node.name && isOrphan(node.name.value)),
  )
  return { ...stripped, definitions }
}

import { type ASTNode, type DirectiveNode, type DocumentNode, Kind, visit } from 'graphql'
import { gatewayError } from '../errors.ts'
import type { AccessFeatures } from './linked-features.ts'

/** Definitions and extensions of types that answer: a rule on one of them is enforced. */
export const GUARDED_KINDS: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_EXTENSION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.ENUM_TYPE_EXTENSION,
])

const isEnforceable = ({ kind }: ASTNode) =>
  GUARDED_KINDS.has(kind) || kind === Kind.FIELD_DEFINITION

/** The directive that a supergraph wraps in `@join__directive(name: "…")`, as it does with some. */
function wrappedName(node: DirectiveNode): string | null {
  if (node.name.value !== 'join__directive') return null
  const name = node.arguments?.find((argument) => argument.name.value === 'name')?.value
  return name?.kind === Kind.STRING ? name.value : null
}

/**
 * A rule that stands where nobody would look is a rule that is not enforced.
 * @throws SUPERGRAPH_INVALID
 */
export function refuseStrayRules(
  document: DocumentNode,
  { featureByDirective }: AccessFeatures,
): void {
  const isRule = (name: string) =>
    featureByDirective.has(name) && featureByDirective.get(name) !== 'shares'
  visit(document, {
    Directive(node, _key, _siblings, _path, ancestors) {
      const holder = ancestors.findLast((one): one is ASTNode => !Array.isArray(one))
      const wrapped = wrappedName(node)
      const isStray = isRule(node.name.value) && !(holder && isEnforceable(holder))
      if (!isStray && !(wrapped !== null && isRule(wrapped))) return
      const reason = `a rule that cannot be enforced here: @${wrapped ?? node.name.value}`
      throw gatewayError('SUPERGRAPH_INVALID', { reason, on: holder?.kind ?? 'nothing' })
    },
  })
}

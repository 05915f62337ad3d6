import {
  type ASTNode,
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  type ValidationContext,
  visit,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'

/** Where `@defer` may stand, and how it is labelled (incremental delivery, section Validation). */
export function useIncrementalDelivery(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(deferPlacement)
      addValidationRule(deferLabels)
    },
  }
}

const isDefer = ({ name }: DirectiveNode) => name.value === 'defer'

function argumentOf({ arguments: given = [] }: DirectiveNode, name: string) {
  return given.find((argument) => argument.name.value === name)?.value
}

function misplaced(node: DirectiveNode): GraphQLError {
  const { message, extensions } = gatewayError('DEFER_MISPLACED')
  return new GraphQLError(message, { nodes: node, extensions })
}

/** Mutations run one after another at their root; each event of a subscription is one answer. */
function deferPlacement(context: ValidationContext): ASTVisitor {
  const schema = context.getSchema()
  const refused = [schema.getMutationType(), schema.getSubscriptionType()]
  return {
    Directive(node) {
      const parent = context.getParentType()
      if (isDefer(node) && refused.some((type) => type && type === parent))
        context.reportError(misplaced(node))
    },
    OperationDefinition(operation) {
      if (operation.operation !== 'subscription') return
      const within = [operation, ...context.getRecursivelyReferencedFragments(operation)]
      for (const defer of within.flatMap(certainDefers)) context.reportError(misplaced(defer))
    },
  }
}

/** All but those that a condition may switch off. */
function certainDefers(within: ASTNode): DirectiveNode[] {
  const found: DirectiveNode[] = []
  visit(within, {
    Directive(node) {
      const condition = argumentOf(node, 'if')
      const isOpen =
        condition?.kind === Kind.VARIABLE || (condition?.kind === Kind.BOOLEAN && !condition.value)
      if (isDefer(node) && !isOpen) found.push(node)
    },
  })
  return found
}

/** A label is a text of the document, and names one fragment of it. */
function deferLabels(context: ValidationContext): ASTVisitor {
  const known = new Set<string>()
  return {
    Directive(node) {
      const label = isDefer(node) ? argumentOf(node, 'label') : undefined
      if (!label || label.kind === Kind.NULL) return
      if (label.kind !== Kind.STRING)
        return context.reportError(
          new GraphQLError('The label of @defer is a text, no variable.', { nodes: label }),
        )
      if (known.has(label.value))
        context.reportError(
          new GraphQLError(`Two @defer are labelled "${label.value}".`, { nodes: label }),
        )
      known.add(label.value)
    },
  }
}

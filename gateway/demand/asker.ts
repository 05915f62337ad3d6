import { type FieldNode, Kind, type OperationDefinitionNode } from 'graphql'
import { networkOf } from '#kernel/auth/networks.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { BudgetName } from './demand-settings.ts'

/** One budget that pays for an operation, and whose it is. */
export type Payer = { budget: Exclude<BudgetName, 'connection'>; subject: string }

/** The class of who asks, and who of it; whoever is nobody goes by the network of their address. */
export function clientPayer({ kind, userId, keyId, reach, client }: Viewer): Payer {
  if (kind === 'key') return { budget: 'key', subject: keyId ?? '' }
  if (kind === 'anonymous' || userId === null)
    return { budget: 'anonymous', subject: networkOf(client?.ip) }
  return { budget: reach.kind === 'platform' ? 'operator' : 'user', subject: userId }
}

/**
 * Who pays for an operation, in the order in which they are asked: a flood of one client's is
 * refused to it before it costs its tenant anything. Signing in is paid for apart.
 */
export function payersOf(
  viewer: Viewer,
  operation: OperationDefinitionNode,
  reservedFields: ReadonlySet<string>,
): readonly Payer[] {
  if (isReserved(operation, reservedFields))
    return [{ budget: 'signIn', subject: networkOf(viewer.client?.ip) }]
  const client = clientPayer(viewer)
  const { reach } = viewer
  if (reach.kind !== 'tenant' && reach.kind !== 'guild') return [client]
  return [client, { budget: 'tenant', subject: reach.tenantId }]
}

/** Fragments could hide other fields, and nobody needs one to sign in. */
function isReserved(
  { operation, selectionSet }: OperationDefinitionNode,
  reservedFields: ReadonlySet<string>,
): boolean {
  if (operation !== 'mutation') return false
  const fields = selectionSet.selections.filter(
    (selection): selection is FieldNode => selection.kind === Kind.FIELD,
  )
  if (fields.length !== selectionSet.selections.length) return false
  return fields.every(({ name }) => name.value === '__typename' || reservedFields.has(name.value))
}

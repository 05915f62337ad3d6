import { createHash } from 'node:crypto'
import { type DocumentNode, print } from 'graphql'
import type { FilteredOperation } from './filter-operation.ts'

/** A document as it is planned: its text, and the hash by which its plan is known. */
export function plannedText(
  document: DocumentNode,
): Pick<FilteredOperation, 'document' | 'text' | 'documentHash'> {
  const text = print(document)
  return { document, text, documentHash: createHash('sha256').update(text).digest('base64url') }
}

import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { DOCUMENT_IDS } from '../gql/documents.ts'

/** An operation as the platform takes it: by the name of its document, which it knows. */
export type NamedPayload = {
  /** Empty: the protocol of WebSockets wants a text. */
  query: ''
  documentId: string
  operationName: string
  variables: Record<string, unknown>
}

function nameOf(document: TypedDocumentNode<unknown, never>): string {
  for (const definition of document.definitions) {
    const isOperation = definition.kind === 'OperationDefinition'
    if (isOperation && definition.name) return definition.name.value
  }
  throw new Error('Only named operations are documents of the console.')
}

/** The id of one of the console's own documents. @throws for any other */
export function documentIdOf(operationName: string): string {
  const id = DOCUMENT_IDS[operationName]
  if (!id) throw new Error(`${operationName} is none of the console's documents.`)
  return id
}

export function payloadOf<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): NamedPayload {
  const operationName = nameOf(document as TypedDocumentNode<unknown, never>)
  return {
    query: '',
    documentId: documentIdOf(operationName),
    operationName,
    variables: variables as Record<string, unknown>,
  }
}

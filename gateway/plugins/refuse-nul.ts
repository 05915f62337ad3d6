import { type DocumentNode, visit } from 'graphql'
import { gatewayError } from '../errors.ts'

const NUL = '\0'
/** How a document writes it: a NUL that stands there plainly is no character of GraphQL. */
const WRITTEN_NUL = /\\u(0000|\{0+\})/

/** @throws TEXT_INVALID where a text of the document holds NUL. */
export function refuseNulInDocument(source: string, document: DocumentNode): void {
  if (!WRITTEN_NUL.test(source)) return
  visit(document, {
    StringValue({ value }) {
      if (value.includes(NUL)) throw gatewayError('TEXT_INVALID')
    },
  })
}

/**
 * @throws TEXT_INVALID where a text or a name in the variables holds NUL: no engine keeps it as it
 * is. Without recursion: variables are nested as deep as their sender likes.
 */
export function refuseNulInVariables(variables: unknown): void {
  const waiting: unknown[] = [variables]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string' && value.includes(NUL)) throw gatewayError('TEXT_INVALID')
    if (typeof value !== 'object' || value === null) continue
    for (const [name, inner] of Object.entries(value)) {
      if (name.includes(NUL)) throw gatewayError('TEXT_INVALID')
      waiting.push(inner)
    }
  }
}

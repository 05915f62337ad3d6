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
 * is; MAX_INPUT_DEPTH_LIMIT where they are nested deeper than whoever reads them after this can bear.
 * Without recursion: variables are nested as deep as their sender likes.
 */
export function checkVariables(variables: unknown, mostDepth: number): void {
  const waiting: [value: unknown, depth: number][] = [[variables, -1]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next
    if (depth > mostDepth) throw gatewayError('MAX_INPUT_DEPTH_LIMIT', { allowed: mostDepth })
    if (typeof value === 'string' && value.includes(NUL)) throw gatewayError('TEXT_INVALID')
    if (typeof value !== 'object' || value === null) continue
    for (const [name, inner] of Object.entries(value)) {
      if (name.includes(NUL)) throw gatewayError('TEXT_INVALID')
      waiting.push([inner, depth + 1])
    }
  }
}

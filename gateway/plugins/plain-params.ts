import { isByName } from '../documents/resolve-document.ts'
import { isRecord } from '../transport/answer.ts'

/** What one request asks, in a shape that needs no more looks. */
export type PlainParams = {
  query?: string
  documentId?: string
  variables?: Record<string, unknown> | null
  operationName?: string | null
  extensions?: Record<string, unknown> | null
}

const KNOWN = new Set(['query', 'documentId', 'variables', 'operationName', 'extensions'])
const isText = (value: unknown) => typeof value === 'string'
const isAbsentOr = (value: unknown, is: (value: unknown) => boolean) => value == null || is(value)

/** The parameters of one operation, or null for whatever is none or holds more. */
export function plainParams(params: unknown): PlainParams | null {
  if (!isRecord(params) || !(isText(params.query) || isByName(params))) return null
  const { query, variables, operationName, extensions } = params
  const isPlain =
    Object.keys(params).every((key) => KNOWN.has(key)) &&
    isAbsentOr(query, isText) &&
    isAbsentOr(variables, isRecord) &&
    isAbsentOr(operationName, isText) &&
    isAbsentOr(extensions, isRecord)
  return isPlain ? (params as PlainParams) : null
}

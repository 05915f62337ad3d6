import { createHash } from 'node:crypto'
import { type DocumentNode, Kind, print, visit } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'

const known = new WeakMap<DocumentNode, string>()

const NUMBER = { kind: Kind.INT, value: '0' } as const
const STRING = { kind: Kind.STRING, value: '' } as const

/**
 * SHA-256 of a document without its literal texts and numbers: those may be anybody's, and a hash of
 * a short one can be guessed. Equal for documents that differ in nothing else; that of a document
 * without such literals is the hash by which it is planned.
 */
export function documentHashOf({ document }: Pick<FilteredOperation, 'document'>): string {
  const remembered = known.get(document)
  if (remembered !== undefined) return remembered
  const hidden = visit(document, {
    StringValue: () => STRING,
    IntValue: () => NUMBER,
    FloatValue: () => NUMBER,
  })
  const hash = createHash('sha256').update(print(hidden)).digest('base64url')
  known.set(document, hash)
  return hash
}

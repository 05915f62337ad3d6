import type { ChildPage } from '#kernel/db/batches.ts'
import { databaseError } from '#kernel/db/errors.ts'
import { type Page, toWindow } from '#kernel/db/keyset-pages.ts'
import { isDecimalId } from '#kernel/ids.ts'

const encode = (id: string) => Buffer.from(JSON.stringify([id])).toString('base64url')

function decode(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const id = /^\["(\d{1,19})"\]$/.exec(text)?.[1]
  if (!isDecimalId(id)) throw databaseError('PAGE_CURSOR_INVALID')
  return BigInt(id)
}

/**
 * A page of things already at hand, in the order of their ids.
 * @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID
 */
export function pageById<Value>(
  values: readonly Value[],
  idOf: (value: Value) => string,
  page: ChildPage,
): Page<Value> {
  const { first, after } = toWindow(page) as { first: number; after?: string }
  const position = after === undefined ? 0n : decode(after)
  const following = values.filter((value) => BigInt(idOf(value)) > position)
  return {
    edges: following.slice(0, first).map((node) => ({ node, cursor: encode(idOf(node)) })),
    hasNextPage: following.length > first,
    hasPreviousPage: following.length < values.length,
  }
}

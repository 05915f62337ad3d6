import type { Page } from '../db/keyset-pages.ts'

/** A page in the shape that Relay connections have. */
export function toConnection<Node>({ edges, hasNextPage, hasPreviousPage }: Page<Node>) {
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

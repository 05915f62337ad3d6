import { aggregate } from '#kernel/db/aggregates.ts'
import { findChildPages, findPage } from '#kernel/db/keyset-pages.ts'
import { toCondition } from '#kernel/db/where.ts'
import { OddsQuote } from '../entities/odds-quote.ts'
import { type ChildPage, createPageBatch } from './batches.ts'
import type { AggregateRequest, ListQuery } from './fixtures.ts'
import type { AnalyticsRequest } from './request.ts'

export const QUOTE_GROUPS = ['source', 'side', 'fixtureId', 'marketId', 'selectionId'] as const
export const QUOTE_MEASURES = ['odds', 'previousOdds'] as const

export type OddsHistory = ReturnType<typeof createOddsHistory>

/** Every change of every price. */
export function createOddsHistory({ read }: AnalyticsRequest) {
  return {
    /** The changes of one selection, oldest first. @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    ofSelection: createPageBatch((parentIds, page: ChildPage) =>
      findChildPages(read(), OddsQuote, { parent: 'selectionId', parentIds, page }),
    ),
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: ({ where, ...query }: ListQuery<OddsQuote>) => {
      const em = read()
      return findPage(em, OddsQuote, { ...query, where: toCondition(em, OddsQuote, where) })
    },
    /** @throws WHERE_TOO_LARGE */
    aggregates: ({ where, groupBy }: AggregateRequest) => {
      const em = read()
      return aggregate(em, OddsQuote, {
        where: toCondition(em, OddsQuote, where),
        groupBy: QUOTE_GROUPS.filter((group) => groupBy.includes(group)),
        measured: QUOTE_MEASURES,
      })
    },
  }
}

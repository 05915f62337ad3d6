import { aggregate } from '#kernel/db/aggregates.ts'
import { createChildPages } from '#kernel/db/batches.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition } from '#kernel/db/where.ts'
import { OddsQuote } from '../entities/odds-quote.ts'
import type { AggregateRequest } from './fixtures.ts'
import type { AnalyticsRequest } from './request.ts'

export const QUOTE_GROUPS = ['source', 'side', 'fixtureId', 'marketId', 'selectionId'] as const
export const QUOTE_MEASURES = ['odds', 'previousOdds'] as const

export type OddsHistory = ReturnType<typeof createOddsHistory>

/** Every change of every price. */
export function createOddsHistory({ read }: AnalyticsRequest) {
  return {
    /** The changes of one selection, oldest first. @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    ofSelection: createChildPages(read, OddsQuote, { parent: 'selectionId' }),
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: (query: ListQuery<OddsQuote>) => findList(read(), OddsQuote, query),
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

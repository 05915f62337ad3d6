import './types/competition.ts'
import './types/feed.ts'
import './types/fixture.ts'
import './types/follow.ts'
import './types/live.ts'
import './types/market.ts'
import './types/odds-quote.ts'
import './types/selection.ts'
import './types/selection-prices.ts'
import { toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { builder } from './builder.ts'

/** Analytics' part of the supergraph. */
export const schema = toSubgraphSchema(builder)

import './types/bet.ts'
import './types/conversation.ts'
import './types/fixture.ts'
import './types/model.ts'
import './types/place.ts'
import './types/prediction.ts'
import './types/scorecard.ts'
import './types/user.ts'
import { toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { builder } from './builder.ts'

/** Ai's part of the supergraph. */
export const schema = toSubgraphSchema(builder)

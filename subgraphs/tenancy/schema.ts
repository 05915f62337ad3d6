import './types/customization.ts'
import './types/feature-flag.ts'
import './types/guild.ts'
import './types/guild-changes.ts'
import './types/quota.ts'
import './types/tenancy-news.ts'
import './types/tenant.ts'
import './types/user.ts'
import { toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { builder } from './builder.ts'

/** Tenancy's part of the supergraph. */
export const schema = toSubgraphSchema(builder)

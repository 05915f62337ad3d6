import './types/alert.ts'
import './types/alert-rule.ts'
import './types/audit-log.ts'
import './types/audit-verification.ts'
import './types/consent.ts'
import './types/consent-changes.ts'
import './types/consent-count.ts'
import './types/consent-purpose.ts'
import './types/guild.ts'
import './types/policy.ts'
import './types/tenant.ts'
import './types/user.ts'
import { toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { builder } from './builder.ts'

/** Compliance's part of the supergraph. */
export const schema = toSubgraphSchema(builder)

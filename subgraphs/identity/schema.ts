import './types/api-key.ts'
import './types/authentication.ts'
import './types/guild-member.ts'
import './types/role.ts'
import './types/security-event.ts'
import './types/session.ts'
import './types/user.ts'
import './types/user-changes.ts'
import './types/user-role.ts'
import { toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { builder } from './builder.ts'

/** Identity's part of the supergraph. */
export const schema = toSubgraphSchema(builder)

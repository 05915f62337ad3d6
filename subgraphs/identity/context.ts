import type { RequestContext } from '#kernel/graphql/builder.ts'
import { type ApiKeys, createApiKeys } from './services/api-keys.ts'
import type { Core } from './services/core.ts'
import { createFirstPasswords, type FirstPasswords } from './services/first-passwords.ts'
import { createMembers, type Members } from './services/members.ts'
import { createOwnPassword, type OwnPassword } from './services/own-password.ts'
import { createReads } from './services/reads.ts'
import { createRoleAssignments, type RoleAssignments } from './services/role-assignments.ts'
import { createRoles, type Roles } from './services/roles.ts'
import { createRotation, type Rotation } from './services/rotation.ts'
import { createSecurityEvents, type SecurityEvents } from './services/security-events.ts'
import { createSessions, type Sessions } from './services/sessions.ts'
import { createSignIn, type SignIn } from './services/sign-in.ts'
import { createUserPlaces, type UserPlaces } from './services/user-places.ts'
import { createUsers, type Users } from './services/users.ts'

export type IdentityServices = {
  signIn: SignIn
  rotation: Rotation
  sessions: Sessions
  users: Users
  ownPassword: OwnPassword
  firstPasswords: FirstPasswords
  roles: Roles
  roleAssignments: RoleAssignments
  members: Members
  userPlaces: UserPlaces
  apiKeys: ApiKeys
  securityEvents: SecurityEvents
}

/** What identity's resolvers work with. */
export type IdentityContext = RequestContext & IdentityServices

/** Services bound to one viewer. */
export function createContext(core: Core, requestContext: RequestContext): IdentityContext {
  const { viewer } = requestContext
  const reads = createReads(core, viewer)
  const users = createUsers(core, viewer, reads)
  const roles = createRoles(core, viewer)
  const members = createMembers(core, viewer, { users, reads })
  return {
    ...requestContext,
    users,
    roles,
    members,
    userPlaces: createUserPlaces(core, viewer),
    signIn: createSignIn(core, viewer),
    rotation: createRotation(core, viewer),
    sessions: createSessions(core, viewer, users),
    ownPassword: createOwnPassword(core, viewer),
    firstPasswords: createFirstPasswords(core, viewer),
    roleAssignments: createRoleAssignments(core, viewer, users),
    apiKeys: createApiKeys(core, viewer),
    securityEvents: createSecurityEvents(core, viewer, reads),
  }
}

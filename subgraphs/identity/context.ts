import DataLoader from 'dataloader'
import type { Page } from '#kernel/db/keyset-pages.ts'
import type { RequestContext } from '#kernel/graphql/builder.ts'
import type { GuildMember } from './entities/guild-member.ts'
import type { Role } from './entities/role.ts'
import type { User } from './entities/user.ts'
import { type ApiKeys, createApiKeys } from './services/api-keys.ts'
import type { Core } from './services/core.ts'
import { createMembers, type ForwardPage, type Members } from './services/members.ts'
import { createOwnPassword, type OwnPassword } from './services/own-password.ts'
import type { Personal } from './services/person-data.ts'
import { createRoleAssignments, type RoleAssignments } from './services/role-assignments.ts'
import { createRoles, type Roles } from './services/roles.ts'
import { createRotation, type Rotation } from './services/rotation.ts'
import { createSecurityEvents, type SecurityEvents } from './services/security-events.ts'
import { createSessions, type Sessions } from './services/sessions.ts'
import { createSignIn, type SignIn } from './services/sign-in.ts'
import { createUserPlaces, type KnownPlaces } from './services/user-places.ts'
import { createUsers, type Users } from './services/users.ts'

export type IdentityServices = {
  signIn: SignIn
  rotation: Rotation
  sessions: Sessions
  users: Users
  ownPassword: OwnPassword
  roles: Roles
  roleAssignments: RoleAssignments
  members: Members
  apiKeys: ApiKeys
  securityEvents: SecurityEvents
}

/** One look at the tables for all rows of an answer. */
export type IdentityLoaders = {
  users: DataLoader<string, User | null>
  roles: DataLoader<string, Role | null>
  personal: DataLoader<User, Personal>
  places: DataLoader<string, KnownPlaces>
  isMember: DataLoader<string, boolean>
  guildMembers: (page: ForwardPage) => DataLoader<string, Page<GuildMember>>
  tenantMembers: (page: ForwardPage) => DataLoader<string, Page<GuildMember>>
}

/** What identity's resolvers work with. */
export type IdentityContext = RequestContext & IdentityServices & { loaders: IdentityLoaders }

type MemberPages = (ids: readonly string[], page: ForwardPage) => Promise<Page<GuildMember>[]>

/** One loader for each page asked for: members of many guilds, first 10, are one question. */
function loaderPerPage(load: MemberPages) {
  const loaders = new Map<string, DataLoader<string, Page<GuildMember>>>()
  return ({ first, after }: ForwardPage) => {
    const key = JSON.stringify([first ?? null, after ?? null])
    const page = { first, after }
    const loader = loaders.get(key) ?? new DataLoader((ids) => load(ids, page))
    loaders.set(key, loader)
    return loader
  }
}

/** Services bound to one viewer, and fresh loaders. */
export function createContext(core: Core, requestContext: RequestContext): IdentityContext {
  const { viewer } = requestContext
  const users = createUsers(core, viewer)
  const roles = createRoles(core, viewer)
  const members = createMembers(core, viewer, users)
  const userPlaces = createUserPlaces(core, viewer)
  return {
    ...requestContext,
    users,
    roles,
    members,
    signIn: createSignIn(core, viewer),
    rotation: createRotation(core, viewer),
    sessions: createSessions(core, viewer, users),
    ownPassword: createOwnPassword(core, viewer),
    roleAssignments: createRoleAssignments(core, viewer, users),
    apiKeys: createApiKeys(core, viewer),
    securityEvents: createSecurityEvents(core, viewer),
    loaders: {
      users: new DataLoader(users.byIds),
      roles: new DataLoader(roles.byIds),
      personal: new DataLoader(core.personData.readMany),
      places: new DataLoader(userPlaces.ofUsers),
      isMember: new DataLoader(members.viewerIn),
      guildMembers: loaderPerPage(members.ofGuilds),
      tenantMembers: loaderPerPage(members.ofTenants),
    },
  }
}

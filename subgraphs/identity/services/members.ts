import type { Viewer } from '#kernel/auth/viewer.ts'
import { type ChildPage, createBatch, createPageBatch } from '#kernel/db/batches.ts'
import { deleteWhere, flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findChildPages } from '#kernel/db/keyset-pages.ts'
import { GuildMember } from '../entities/guild-member.ts'
import { Role } from '../entities/role.ts'
import { User } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { enterPlace, findPlace, leavePlace, type Place, reaches } from './places.ts'
import type { Reads } from './reads.ts'
import { requireOwnRights } from './roles.ts'

/** A guild and, by id or by address, the person who joins or leaves it. */
export type Joining = { guildId: string; userId: string | null; email: string | null }

export type Members = ReturnType<typeof createMembers>

/** Writes a membership in the transaction. @throws MEMBER_EXISTS */
export async function joinGuild(
  tx: SqlEntityManager,
  joining: { guildId: string; tenantId: string; userId: string; joinedAt: Date },
): Promise<GuildMember> {
  const member = tx.create(GuildMember, joining)
  tx.persist(member)
  if (!(await flushUnlessTaken(tx))) throw identityError('MEMBER_EXISTS')
  await enterPlace(tx, joining.userId, joining)
  await tx.flush()
  return member
}

/** Who is in which guild. */
export function createMembers(
  core: Core,
  viewer: Viewer,
  { users, reads }: { users: { find: (id: string) => Promise<User | null> }; reads: Reads },
) {
  const { database, clock, changes, personData } = core
  const open = () => database.fork(viewer.reach)

  const findGuild = async (guildId: string): Promise<Place & { tenantId: string }> => {
    const place = await findPlace(database.acrossTenants(), { tenantId: null, guildId })
    if (!place?.tenantId || !reaches(viewer.reach, place))
      throw identityError('MEMBER_GUILD_UNKNOWN')
    return { ...place, tenantId: place.tenantId }
  }

  /** By id only who is seen already; by address also others, because whoever adds them knows it. */
  const findPerson = async ({ userId, email }: Joining): Promise<User> => {
    const user =
      email === null
        ? await users.find(userId ?? '1')
        : await database.acrossTenants().findOne(User, { emailHash: personData.emailHash(email) })
    if (!user || (email === null && userId === null)) throw identityError('USER_NOT_FOUND')
    return user
  }

  /** Roles given in a guild end with the membership. @returns how many there were */
  const endRoles = async (tx: SqlEntityManager, userId: string, guildId: string) => {
    const ended = await deleteWhere(tx, UserRole, { userId, guildId })
    if (ended > 0) {
      await updateWhere(tx, User, { where: { id: userId }, add: { tokenGeneration: 1 } })
    }
    return ended
  }

  /** A person himself, not a program that acts for him with fewer rights. */
  const isSelf = (userId: string) => viewer.kind === 'user' && viewer.userId === userId

  /** Whoever is put out loses his roles: nobody takes what he does not hold. @throws ROLE_ABOVE_OWN */
  const requireTakeable = async (tx: SqlEntityManager, userId: string, guildId: string) => {
    const held = await tx.find(UserRole, { userId, guildId })
    const roles = await tx.find(Role, { id: { $in: held.map(({ roleId }) => roleId) } })
    requireOwnRights(
      viewer,
      roles.flatMap(({ permissions }) => permissions),
    )
  }

  const remove = (em: SqlEntityManager, { guildId, userId }: { guildId: string; userId: string }) =>
    transactional(em, async (tx) => {
      const member = await tx.findOne(GuildMember, { guildId, userId })
      if (member && !isSelf(userId)) await requireTakeable(tx, userId, guildId)
      const removed = member ? await deleteWhere(tx, GuildMember, { id: member.id }) : 0
      if (!member || removed === 0) throw identityError('MEMBER_NOT_FOUND')
      const place = { tenantId: member.tenantId, guildId }
      const endedRoles = await endRoles(tx, userId, guildId)
      await leavePlace(tx, userId, place)
      await changes.record(tx, viewer, {
        type: 'member.removed',
        userId,
        place,
        resource: { type: 'guild-member', id: member.id },
        details: { endedRoles },
        revokes: endedRoles > 0 ? [{ kind: 'user', id: userId }] : [],
      })
      return member
    })

  const memberships = async (guildIds: readonly string[]): Promise<boolean[]> => {
    const { userId } = viewer
    if (userId === null) return guildIds.map(() => false)
    const where = { userId, guildId: { $in: [...guildIds] } }
    const own = await database.acrossTenants().find(GuildMember, where)
    const found = new Set(own.map(({ guildId }) => guildId))
    return guildIds.map((id) => found.has(id))
  }

  const pagesOf = (parent: 'guildId' | 'tenantId') =>
    createPageBatch(async (parentIds: readonly string[], page: ChildPage) => {
      const pages = await findChildPages(open(), GuildMember, { parent, parentIds, page })
      await reads.ofMembers(pages.flatMap(({ edges }) => edges.map(({ node }) => node)))
      return pages
    })

  return {
    /** @throws MEMBER_GUILD_UNKNOWN, USER_NOT_FOUND, MEMBER_EXISTS, EMAIL_INVALID */
    add: async (joining: Joining): Promise<GuildMember> => {
      const place = await findGuild(joining.guildId)
      const { id: userId } = await findPerson(joining)
      const { tenantId } = place
      return transactional(open(), async (tx) => {
        const { guildId } = joining
        const member = await joinGuild(tx, { guildId, tenantId, userId, joinedAt: clock.now() })
        await changes.record(tx, viewer, {
          type: 'member.added',
          userId,
          place,
          resource: { type: 'guild-member', id: member.id },
        })
        return member
      })
    },

    /** Ends a membership: one's own, or another's with `members:write`. @throws MEMBER_NOT_FOUND,
     * ROLE_ABOVE_OWN */
    remove: async ({ guildId, userId }: { guildId: string; userId: string }) => {
      const isOwn = isSelf(userId)
      if (!isOwn && !viewer.scopes.includes('members:write')) {
        throw identityError('MEMBER_NOT_FOUND')
      }
      return remove(isOwn ? database.acrossTenants() : open(), { guildId, userId })
    },

    ofGuild: pagesOf('guildId'),
    ofTenant: pagesOf('tenantId'),
    /** Whether the viewer himself is in this guild. */
    isViewerIn: createBatch(memberships),
  }
}

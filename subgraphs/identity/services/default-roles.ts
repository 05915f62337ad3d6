import type { Viewer } from '#kernel/auth/viewer.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { Role } from '../entities/role.ts'
import { DEFAULT_ROLES } from '../scopes.ts'
import type { Core } from './core.ts'
import { PLATFORM, placeKey } from './places.ts'

/** One of the roles that every platform starts with. */
export type DefaultRole = keyof typeof DEFAULT_ROLES

/** The names of the roles that every platform starts with. */
export const DEFAULT_ROLE_NAMES = Object.keys(DEFAULT_ROLES) as readonly DefaultRole[]

/** Where the default roles stand. */
export const DEFAULT_PLACE = placeKey(PLATFORM)

/** Makes a default role where none of its name stands; one that stands is left as it is. */
export async function ensureDefaultRole(
  { clock, changes }: Pick<Core, 'clock' | 'changes'>,
  tx: SqlEntityManager,
  { name, viewer }: { name: DefaultRole; viewer: Viewer },
): Promise<void> {
  const place = DEFAULT_PLACE
  if ((await tx.count(Role, { name, place })) > 0) return
  const { description, permissions } = DEFAULT_ROLES[name]
  const role = tx.create(Role, {
    name,
    description,
    permissions: [...permissions],
    tenantId: null,
    place,
    isActive: true,
    createdAt: clock.now(),
  })
  tx.persist(role)
  // False: another process made it meanwhile, which is as good.
  if (!(await flushUnlessTaken(tx))) return
  await changes.record(tx, viewer, {
    type: 'role.created',
    userId: null,
    place: PLATFORM,
    resource: { type: 'role', id: role.id },
    details: { permissions: role.permissions, isActive: true },
  })
}

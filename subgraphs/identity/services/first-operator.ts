import { LockMode } from '@mikro-orm/core'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import type { FirstOperator } from '#kernel/config.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import { Role } from '../entities/role.ts'
import { User } from '../entities/user.ts'
import { UserRole } from '../entities/user-role.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { DEFAULT_PLACE, DEFAULT_ROLE_NAMES, ensureDefaultRole } from './default-roles.ts'
import { requireGoodPassword } from './passwords.ts'
import { PLATFORM } from './places.ts'
import { assignRole } from './role-assignments.ts'
import { addUser } from './users.ts'

const OPERATOR = 'operator'
const EVERYTHING = '*:*'
/** Holders that are looked at; a platform has a handful. */
const MOST_HOLDERS = 1_000

const viewer = serviceViewer({
  serviceName: 'identity',
  reach: { kind: 'platform' },
  scopes: [],
  requestId: 'first-operator',
})

/** Whether anybody may run the platform: an active person with its role, or one that gives as much. */
async function hasOperator(em: SqlEntityManager, now: Date): Promise<boolean> {
  const place = DEFAULT_PLACE
  const roles = await em.find(Role, { place, isActive: true })
  const ruling = roles.filter(
    ({ name, permissions }) => name === OPERATOR || permissions.includes(EVERYTHING),
  )
  const roleId = { $in: ruling.map(({ id }) => id) }
  const isLasting = { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] }
  const page = { limit: MOST_HOLDERS, disableIdentityMap: true } as const
  const held = await em.find(UserRole, { roleId, place, ...isLasting }, page)
  const userIds = held.map(({ userId }) => userId)
  return (await em.count(User, { id: { $in: userIds }, status: 'active' })) > 0
}

type Wanted = { email: string; phc: string }

/** In the transaction that holds the operator's role, so that two processes make no two of them. */
async function makeOperator(
  core: Core,
  tx: SqlEntityManager,
  { email, phc }: Wanted,
): Promise<User | null> {
  const named = { name: OPERATOR, place: DEFAULT_PLACE }
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE }
  const role = await tx.findOneOrFail(Role, named, lock)
  const now = core.clock.now()
  if (await hasOperator(tx, now)) return null
  const user = await addUser(core, tx, { email, displayName: null, discordId: null, phc })
  const grant = { userId: user.id, roleId: role.id, expiresAt: null, ...PLATFORM }
  const assignment = await assignRole(tx, { ...grant, assignedBy: null, assignedAt: now })
  const change = { userId: user.id, place: PLATFORM }
  await core.changes.record(tx, viewer, [
    {
      ...{ ...change, type: 'user.created', resource: { type: 'user', id: user.id } },
      details: { role: OPERATOR },
    },
    {
      ...{ ...change, type: 'role.granted', resource: { type: 'user-role', id: assignment.id } },
      details: { roleId: role.id, expiresAt: null },
    },
  ])
  return user
}

/** The settings must do whether they are needed or not: nobody learns in need that they do not. */
function check({ personData }: Core, { email, password }: FirstOperator): void {
  try {
    personData.emailHash(email)
    requireGoodPassword(password)
  } catch (cause) {
    throw identityError('FIRST_OPERATOR_INVALID', {}, { cause })
  }
}

/**
 * Makes the roles of a new platform and an account that runs it, as long as nobody does. An account
 * that has the address already is left as it is, and the log says so.
 * @throws FIRST_OPERATOR_INVALID
 */
export async function ensureFirstOperator(core: Core, wanted: FirstOperator): Promise<void> {
  const { database, clock, passwords, log } = core
  check(core, wanted)
  if (await hasOperator(database.acrossTenants(), clock.now())) return
  for (const name of DEFAULT_ROLE_NAMES) {
    await transactional(database.acrossTenants(), (tx) =>
      ensureDefaultRole(core, tx, { name, viewer }),
    )
  }
  const phc = await passwords.hash(wanted.password)
  const { email } = wanted
  try {
    const made = await transactional(database.acrossTenants(), (tx) =>
      makeOperator(core, tx, { email, phc }),
    )
    if (made) log.info({ userId: made.id }, 'the first operator was made')
  } catch (failure) {
    if (!isDomainError(failure, 'USER_EMAIL_TAKEN')) throw failure
    log.error('nobody runs the platform, and FIRST_OPERATOR_EMAIL belongs to an account already')
  }
}

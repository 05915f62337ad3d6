import { describe, expect, test } from 'vitest'
import { expandPermissions } from '#kernel/auth/scopes.ts'
import { type Database, openDatabase } from '#kernel/db/database.ts'
import { migrate, schemaDrift } from '#kernel/db/migrations.ts'
import { KERNEL_ENTITIES } from '#kernel/service/kernel-entities.ts'
import { Role } from '#subgraphs/identity/entities/role.ts'
import { DEFAULT_ROLES } from '#subgraphs/identity/scopes.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { silentLog } from '../../kit/database.ts'

/** The last migration before bets, predictions and compliance stood, on either engine. */
const BEFORE = { sqlite: 'Migration20261122175106', mysql: 'Migration20261122175109' }

export const openIdentityDatabase = (url: string): Promise<Database> =>
  openDatabase({
    name: 'identity',
    url,
    entities: [...identity.entities, ...KERNEL_ENTITIES],
    migrations: identity.migrations,
    log: silentLog,
  })

type StoredRole = { name: string; permissions: string[]; tenantId?: string | null }

async function store(database: Database, roles: readonly StoredRole[]): Promise<void> {
  const em = database.acrossTenants()
  for (const { name, permissions, tenantId = null } of roles) {
    const place = tenantId === null ? 'p' : `t:${tenantId}`
    const rest = { description: 'As it was.', isActive: true, createdAt: new Date(0) }
    em.persist(em.create(Role, { name, permissions, tenantId, place, ...rest }))
  }
  await em.flush()
}

const OLD: readonly StoredRole[] = [
  { name: 'operator', permissions: ['*:*'] },
  { name: 'tenant-admin', permissions: ['users:read', 'bets:*', 'policies:read'] },
  { name: 'analyst', permissions: ['odds:read'] },
  { name: 'member', permissions: ['fixtures:read', 'bets:place'] },
  { name: 'member', permissions: ['odds:read'], tenantId: '1' },
  { name: 'moderator', permissions: ['members:read'] },
]

/** What an installation's stored roles become; the same on every engine. */
export function describeDefaultRoles(
  engine: string,
  open: () => Promise<Database & AsyncDisposable>,
): void {
  const openOld = async (roles: readonly StoredRole[]) => {
    const database = await open()
    const kind = engine === 'SQLite' ? 'sqlite' : 'mysql'
    await database.orm.migrator.up({ to: BEFORE[kind] })
    await store(database, roles)
    await migrate(database)
    return database
  }
  const rolesIn = async (database: Database) =>
    database.acrossTenants().find(Role, {}, { orderBy: { id: 'asc' } })

  describe(`the default roles of an installation, on ${engine}`, () => {
    test('gain what came, where nothing in them gave it; what was changed stays', async () => {
      await using database = await openOld(OLD)
      const [operator, admin, analyst, member, ofTenant, moderator] = await rolesIn(database)
      expect(operator?.permissions).toEqual(['*:*'])
      expect(admin?.permissions.slice(0, 3)).toEqual(['users:read', 'bets:*', 'policies:read'])
      expect(admin?.permissions).toContain('policies:write')
      expect(admin?.permissions).not.toContain('bets:read')
      expect(admin?.permissions).not.toContain('models:write')
      expect(new Set(admin?.permissions).size).toBe(admin?.permissions.length)
      expect(analyst?.permissions).toEqual([
        ...['odds:read', 'predictions:read', 'models:read', 'figures:read', 'bets:read'],
      ])
      expect(member?.permissions).toEqual(['fixtures:read', 'bets:place', 'predictions:read'])
      expect(ofTenant?.permissions).toEqual(['odds:read'])
      expect(moderator?.permissions).toEqual(['members:read'])
    })

    test('a role of that name that stands is left, else the officer’s is made like a new one', async () => {
      await using database = await openOld(OLD)
      const made = (await rolesIn(database)).at(-1)
      const { description, permissions } = DEFAULT_ROLES['compliance-officer']
      expect(made).toMatchObject({ name: 'compliance-officer', place: 'p', description })
      expect(made).toMatchObject({ permissions: [...permissions], isActive: true, tenantId: null })
      expect(Math.abs((made?.createdAt.getTime() ?? 0) - Date.now())).toBeLessThan(600_000)
      const own = { name: 'compliance-officer', permissions: ['odds:read'] }
      await using other = await openOld([...OLD, own])
      const officers = (await rolesIn(other)).filter(({ name }) => name === own.name)
      expect(officers.map((role) => role.permissions)).toEqual([['odds:read']])
    })

    test('an installation without roles gets none, and the tables are as the entities say', async () => {
      await using database = await openOld([])
      expect(await rolesIn(database)).toEqual([])
      expect(await schemaDrift(database)).toEqual([])
    })

    test('an untouched role ends with what a new installation gives', async () => {
      const since = ['bets', 'limits', 'money', 'figures', 'predictions', 'models', 'conversations']
      const compliance = ['audit', 'alerts', 'policies', 'consents']
      const isNew = (scope: string) => [...since, ...compliance].includes(scope.split(':')[0] ?? '')
      const names = ['tenant-admin', 'analyst', 'member'] as const
      const old = names.map((name) => {
        const permissions = DEFAULT_ROLES[name].permissions.filter((scope) => !isNew(scope))
        return { name, permissions }
      })
      await using database = await openOld(old)
      for (const { name, permissions } of (await rolesIn(database)).slice(0, 3)) {
        const { permissions: wanted } = DEFAULT_ROLES[name as (typeof names)[number]]
        expect(expandPermissions(permissions)).toEqual(expandPermissions(wanted))
      }
    })
  })
}

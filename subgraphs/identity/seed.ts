import { serviceViewer } from '#kernel/auth/viewer.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { SeedReport } from '#kernel/service/subgraph.ts'
import { GuildMember } from './entities/guild-member.ts'
import { Role } from './entities/role.ts'
import { User } from './entities/user.ts'
import type { Core } from './services/core.ts'
import { DEFAULT_PLACE, type DefaultRole, ensureDefaultRole } from './services/default-roles.ts'
import { joinGuild } from './services/members.ts'
import { PLATFORM, type Place } from './services/places.ts'
import { assignRole } from './services/role-assignments.ts'
import { addUser } from './services/users.ts'

type DemoPerson = {
  email: string
  displayName: string
  password: string
  role: DefaultRole
  place: Place
  guilds: readonly { tenantId: string; guildId: string }[]
  says: string
}

/** Tenancy's demo world: it seeds the tenants 1 and 2 and these guilds. */
const ACME = '1'
const GLOBEX = '2'
const ACME_GUILDS = ['81384788765712384', '81384788765712385'] as const
const GLOBEX_GUILD = '197038439483310086'

const inTenant = (tenantId: string): Place => ({ tenantId, guildId: null })
const acmeGuilds = ACME_GUILDS.map((guildId) => ({ tenantId: ACME, guildId }))

const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    email: 'operator@dbsbm.example',
    displayName: 'Olive Operator',
    password: 'demo-operator',
    role: 'operator',
    place: PLATFORM,
    guilds: [],
    says: 'runs the platform',
  },
  {
    email: 'admin@acme.example',
    displayName: 'Ada Acme',
    password: 'demo-admin',
    role: 'tenant-admin',
    place: inTenant(ACME),
    guilds: acmeGuilds.slice(0, 1),
    says: 'runs the tenant Acme',
  },
  {
    email: 'analyst@acme.example',
    displayName: 'Anna Analyst',
    password: 'demo-analyst',
    role: 'analyst',
    place: inTenant(ACME),
    guilds: acmeGuilds,
    says: 'watches odds for Acme',
  },
  {
    email: 'member@acme.example',
    displayName: 'Max Member',
    password: 'demo-member',
    role: 'member',
    place: { tenantId: ACME, guildId: ACME_GUILDS[0] },
    guilds: acmeGuilds.slice(0, 1),
    says: 'is a member of an Acme guild',
  },
  {
    email: 'admin@globex.example',
    displayName: 'Gus Globex',
    password: 'demo-globex',
    role: 'tenant-admin',
    place: inTenant(GLOBEX),
    guilds: [{ tenantId: GLOBEX, guildId: GLOBEX_GUILD }],
    says: 'runs the tenant Globex',
  },
  {
    email: 'officer@acme.example',
    displayName: 'Olga Officer',
    password: 'demo-officer',
    role: 'compliance-officer',
    place: inTenant(ACME),
    guilds: [],
    says: 'watches over the rules for Acme',
  },
]

const seeder = serviceViewer({
  serviceName: 'identity',
  reach: { kind: 'platform' },
  scopes: [],
  requestId: 'seed',
})

async function addPerson(core: Core, tx: SqlEntityManager, person: DemoPerson & { phc: string }) {
  const { email, displayName, phc, place } = person
  await ensureDefaultRole(core, tx, { name: person.role, viewer: seeder })
  const role = await tx.findOneOrFail(Role, { name: person.role, place: DEFAULT_PLACE })
  const { id: userId } = await addUser(core, tx, { email, displayName, discordId: null, phc })
  const now = core.clock.now()
  const grant = { userId, roleId: role.id, expiresAt: null, ...place }
  await assignRole(tx, { ...grant, assignedBy: null, assignedAt: now })
  for (const guild of person.guilds) await joinGuild(tx, { ...guild, userId, joinedAt: now })
  await core.changes.record(tx, seeder, {
    type: 'user.created',
    userId,
    place,
    resource: { type: 'user', id: userId },
    details: { role: person.role, memberships: await tx.count(GuildMember, { userId }) },
  })
}

async function seedPerson(core: Core, person: DemoPerson): Promise<void> {
  const emailHash = core.personData.emailHash(person.email)
  if ((await core.database.acrossTenants().count(User, { emailHash })) > 0) return
  const phc = await core.passwords.hash(person.password)
  await transactional(core.database.acrossTenants(), (tx) =>
    addPerson(core, tx, { ...person, phc }),
  )
}

/** The people of the demo world, each made once; their passwords are no secret. */
export async function seedDemo(core: Core): Promise<SeedReport> {
  for (const person of DEMO_PEOPLE) await seedPerson(core, person)
  return {
    lines: DEMO_PEOPLE.map(({ email, password, says }) => `${email} / ${password}: ${says}`),
  }
}

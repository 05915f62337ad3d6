import type { Account, Ask, TestPlatform } from '../../kit/platform.ts'
import { PEOPLE } from '../../kit/platform.ts'
import { changed, take, untilQuiet } from '../world.ts'
import { startIdsAt } from './distinct-ids.ts'
import type { Games } from './games.ts'
import { plantBetting } from './plant-betting.ts'
import { plantAlertRules, plantConversations, untilRaised } from './plant-rules.ts'
import { type ForeignWorld, type Game, textsOf } from './side.ts'
import { plantSpare } from './spare.ts'
import { worldOf } from './world-ids.ts'

/** Stands in every text of the foreign tenant that takes one; nobody else writes it. */
export const MARKER = 'zqforeign'

/** Ids of the foreign tenant's rows begin here: no other row is numbered so. */
const FIRST_FOREIGN_ID = 77_000_000_000
/** Beyond all money of Acme's guilds together. */
const UNIT = 10_000_000_000_000
const FOREIGN_GUILD = '77999999999999991'
const PASSWORD = 'a long enough password'
const PLAYER = {
  email: `member@${MARKER}.example`,
  password: PASSWORD,
  guildId: FOREIGN_GUILD,
} as const

const TEXTS = textsOf(MARKER)

type Nodes = { edges: { node: { id: string } }[] }

/** The id of a role that the asker sees, by its name. */
export async function roleId(ask: Ask, name: string): Promise<string> {
  const document = 'query Roles($w: RoleWhere) { roles(where: $w) { edges { node { id } } } }'
  return (await take<Nodes>(ask, document, { w: { name: { eq: name } } })).edges[0]?.node.id ?? ''
}

/** A member of the foreign guild, who may bet there. */
async function plantPeople(operator: Ask, ask: Ask, tenantId: string): Promise<string> {
  const { id: userId } = await changed(ask, 'createUser', {
    email: PLAYER.email,
    displayName: `${MARKER} member`,
    discordId: '77999999999999992',
  })
  await changed(operator, 'setFirstPassword', { userId, password: PASSWORD })
  await changed(ask, 'addGuildMember', { guildId: FOREIGN_GUILD, userId })
  const memberRole = await roleId(ask, 'member')
  await changed(ask, 'grantRole', { userId, roleId: memberRole, guildId: FOREIGN_GUILD })
  const role = { name: `${MARKER} role`, description: `${MARKER} text`, permissions: ['odds:read'] }
  const { id: givenRole } = await changed(ask, 'createRole', role)
  await changed(ask, 'grantRole', { userId, roleId: givenRole, tenantId })
  const key = { name: `${MARKER} key`, scopes: ['odds:read'] }
  await changed(ask, 'createApiKey', key, 'apiKey { id }')
  return userId
}

async function plantSettings(ask: Ask, tenantId: string): Promise<void> {
  const branding = { primaryColor: '#010203', backgroundColor: '#ffffff', textColor: '#000000' }
  const { key, resource, idempotencyKey, competition } = TEXTS
  await changed(ask, 'setFeatureFlag', {
    tenantId,
    key,
    isEnabled: true,
    rolloutPercent: 37,
    description: `${MARKER} flag`,
  })
  await changed(ask, 'useQuota', { tenantId, resource, amount: '77', idempotencyKey })
  await changed(ask, 'setCustomization', {
    tenantId,
    type: 'BRANDING',
    data: { ...branding, displayName: MARKER },
  })
  await changed(ask, 'setCustomization', {
    tenantId,
    type: 'MESSAGES',
    data: { greeting: MARKER },
  })
  await changed(ask, 'followCompetition', { tenantId, competition })
  await changed(ask, 'followCompetition', { guildId: FOREIGN_GUILD, competition })
}

async function plantGuild(ask: Ask, tenantId: string): Promise<void> {
  const guild = { tenantId, guildId: FOREIGN_GUILD, name: `${MARKER} guild` }
  await changed(ask, 'registerGuild', guild)
  await changed(ask, 'updateGuild', {
    guildId: FOREIGN_GUILD,
    auditLogging: true,
    integrationConfig: { channel: MARKER },
    customBranding: {
      primaryColor: '#010203',
      backgroundColor: '#ffffff',
      textColor: '#000000',
      displayName: MARKER,
    },
  })
}

/** Waits until identity and analytics have heard of a guild from tenancy. */
export async function untilHeard(ask: Ask, guildId: string): Promise<void> {
  const end = Date.now() + 10_000
  const document =
    'query Heard($id: ID!) { guild(id: $id) { members(first: 1) { edges { cursor } } follows { edges { cursor } } } }'
  const add = `mutation Probe($input: AddGuildMemberInput!) { addGuildMember(input: $input) { id } }`
  for (;;) {
    const heard = await ask(document, { id: guildId })
    const probe = await ask(add, { input: { guildId, email: 'nobody@nowhere.example' } })
    const isPlaced = probe.errors?.[0]?.extensions.code === 'USER_NOT_FOUND'
    if (isPlaced && !heard.errors) return
    if (Date.now() > end) throw new Error(`guild ${guildId} was not heard of`)
    await new Promise((resume) => setTimeout(resume, 20))
  }
}

/** Policies, consents and conversations; alert rules that the money to come raises. */
async function plantRules(platform: TestPlatform, officer: Ask, userIds: readonly string[]) {
  const place = { officer, guildId: FOREIGN_GUILD, marker: MARKER }
  await plantAlertRules(place, true)
  const policy = { type: 'terms', name: `${MARKER} terms`, version: MARKER, config: { of: MARKER } }
  await changed(officer, 'publishPolicy', policy)
  const terms = { purpose: 'terms', version: MARKER, channel: 'WEB' }
  await changed(await platform.as(PLAYER), 'giveConsent', terms)
  await plantConversations(place, userIds)
}

type Planted = { admin: Account & { tenantId: string }; userIds: string[]; game: Game }

async function plantForeign(platform: TestPlatform, games: Games): Promise<Planted> {
  const operator = await platform.as(PEOPLE.operator)
  const { id: tenantId } = await changed(operator, 'openTenant', {
    code: MARKER,
    name: `${MARKER} company`,
    settings: { note: MARKER },
  })
  const email = `admin@${MARKER}.example`
  const person = { email, displayName: `${MARKER} admin`, password: PASSWORD }
  const { id: userId } = await changed(operator, 'createUser', person)
  const adminRole = await roleId(operator, 'tenant-admin')
  await changed(operator, 'grantRole', { userId, roleId: adminRole, tenantId })
  const admin = { email, password: PASSWORD, tenantId }
  const ask = await platform.as(admin)
  await plantGuild(ask, tenantId)
  await changed(operator, 'updateGuild', { guildId: FOREIGN_GUILD, enterpriseFeatures: true })
  await untilHeard(ask, FOREIGN_GUILD)
  const memberId = await plantPeople(operator, ask, tenantId)
  const { resource } = TEXTS
  await changed(operator, 'setQuota', { tenantId, resource, limit: '7700', resetPeriod: 'NONE' })
  await plantSettings(ask, tenantId)
  const userIds = [userId, memberId]
  await plantRules(platform, ask, userIds)
  const table = { platform, games, cashier: ask, player: PLAYER, marker: MARKER, unit: UNIT }
  const game = await plantBetting(table)
  await untilRaised(ask, `${MARKER} rule`)
  return { admin, userIds, game }
}

/** Plants a tenant full of marked data beside Acme, and spare rows within Acme. */
export async function plantForeignWorld(
  platform: TestPlatform,
  games: Games,
): Promise<ForeignWorld> {
  const own = await plantSpare(platform, games)
  const databases = platform.local.platform.services.map(({ database }) => database)
  await startIdsAt(databases, FIRST_FOREIGN_ID)
  const { admin, userIds, game } = await plantForeign(platform, games)
  await untilQuiet(platform)
  const known = { tenant: [admin.tenantId], guild: [FOREIGN_GUILD], user: userIds }
  const facts = { own, game, unit: UNIT, insider: admin, player: PLAYER, texts: TEXTS }
  return worldOf(platform, { known, facts, marker: MARKER, firstId: FIRST_FOREIGN_ID })
}

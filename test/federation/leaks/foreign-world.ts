import type { Account, Ask, TestPlatform } from '../../kit/platform.ts'
import { PEOPLE } from '../../kit/platform.ts'
import { startIdsAt } from './distinct-ids.ts'
import { ID_KINDS, type IdKind, type IdsOfKinds } from './id-kinds.ts'
import { type Belonging, idsAbout } from './row-dump.ts'

/** Stands in every text of the foreign tenant that takes one; nobody else writes it. */
export const MARKER = 'zqforeign'

/** Ids of the foreign tenant's rows begin here: no other row is numbered so. */
const FIRST_FOREIGN_ID = 77_000_000_000
const FOREIGN_GUILD = '77999999999999991'
const PASSWORD = 'a long enough password'

const ACME = '1'
const ACME_SPARE_GUILD = '81384788765712385'

/** Texts by which rows of the foreign tenant are found, by the name of the field that takes them. */
export const FOREIGN_TEXTS: Readonly<Record<string, string>> = {
  code: MARKER,
  key: `${MARKER}.flag`,
  resource: `${MARKER}.points`,
  idempotencyKey: `${MARKER}-use`,
  competition: `${MARKER} league`,
}

/** A tenant whose data nobody else may get, and what the askers' own tenant may lose. */
export type ForeignWorld = {
  foreign: IdsOfKinds
  own: IdsOfKinds
  belonging: Belonging
  admin: Account
}

type Nodes = { edges: { node: { id: string } }[] }

/** The value of the only root field, which must be there. */
export async function take<Value>(ask: Ask, query: string, variables: object = {}): Promise<Value> {
  const { data, errors } = await ask(query, variables)
  const [value] = Object.values(data ?? {})
  if (errors || !value) throw new Error(`refused: ${query} ${JSON.stringify(errors)}`)
  return value as Value
}

/** Runs a mutation whose input type is named after it, for the id of what it returns. */
async function change(ask: Ask, name: string, input: object, selected = 'id'): Promise<string> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
  const document = `mutation Plant($input: ${type}!) { ${name}(input: $input) { ${selected} } }`
  return (await take<{ id: string }>(ask, document, { input })).id
}

async function roleId(ask: Ask, name: string): Promise<string> {
  const document = 'query Roles($w: RoleWhere) { roles(where: $w) { edges { node { id } } } }'
  return (await take<Nodes>(ask, document, { w: { name: { eq: name } } })).edges[0]?.node.id ?? ''
}

async function plantPeople(ask: Ask, tenantId: string): Promise<string> {
  const userId = await change(ask, 'createUser', {
    email: `member@${MARKER}.example`,
    displayName: `${MARKER} member`,
    discordId: '77999999999999992',
  })
  await change(ask, 'addGuildMember', { guildId: FOREIGN_GUILD, userId })
  const role = { name: `${MARKER} role`, description: `${MARKER} text`, permissions: ['odds:read'] }
  const givenRole = await change(ask, 'createRole', role)
  await change(ask, 'grantRole', { userId, roleId: givenRole, tenantId })
  const key = { name: `${MARKER} key`, scopes: ['odds:read'] }
  await change(ask, 'createApiKey', key, 'apiKey { id }')
  return userId
}

async function plantSettings(ask: Ask, tenantId: string): Promise<void> {
  const branding = { primaryColor: '#010203', backgroundColor: '#ffffff', textColor: '#000000' }
  const { key, resource, idempotencyKey, competition } = FOREIGN_TEXTS
  await change(ask, 'setFeatureFlag', {
    tenantId,
    key,
    isEnabled: true,
    rolloutPercent: 37,
    description: `${MARKER} flag`,
  })
  await change(ask, 'useQuota', { tenantId, resource, amount: '77', idempotencyKey })
  await change(ask, 'setCustomization', {
    tenantId,
    type: 'BRANDING',
    data: { ...branding, displayName: MARKER },
  })
  await change(ask, 'setCustomization', {
    tenantId,
    type: 'MESSAGES',
    data: { greeting: MARKER },
  })
  await change(ask, 'followCompetition', { tenantId, competition })
  await change(ask, 'followCompetition', { guildId: FOREIGN_GUILD, competition })
}

async function plantGuild(ask: Ask, tenantId: string): Promise<void> {
  const guild = { tenantId, guildId: FOREIGN_GUILD, name: `${MARKER} guild` }
  await change(ask, 'registerGuild', guild)
  await change(ask, 'updateGuild', {
    guildId: FOREIGN_GUILD,
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

async function plantForeign(platform: TestPlatform, operator: Ask): Promise<Account> {
  const tenantId = await change(operator, 'openTenant', {
    code: MARKER,
    name: `${MARKER} company`,
    settings: { note: MARKER },
  })
  const email = `admin@${MARKER}.example`
  const person = { email, displayName: `${MARKER} admin`, password: PASSWORD }
  const userId = await change(operator, 'createUser', person)
  const adminRole = await roleId(operator, 'tenant-admin')
  await change(operator, 'grantRole', { userId, roleId: adminRole, tenantId })
  const admin = { email, password: PASSWORD, tenantId }
  const ask = await platform.as(admin)
  await plantGuild(ask, tenantId)
  await untilHeard(ask, FOREIGN_GUILD)
  await plantPeople(ask, tenantId)
  const { resource } = FOREIGN_TEXTS
  await change(operator, 'setQuota', { tenantId, resource, limit: '7700', resetPeriod: 'NONE' })
  await plantSettings(ask, tenantId)
  return admin
}

/** Rows of Acme that an attack may change without harm to those who attack. */
async function plantSpare(platform: TestPlatform): Promise<IdsOfKinds> {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const person = { email: 'spare@acme.example', displayName: 'Spare' }
  const user = await change(ask, 'createUser', person)
  const role = await change(ask, 'createRole', { name: 'spare', permissions: ['odds:read'] })
  const grant = { userId: user, roleId: role, guildId: ACME_SPARE_GUILD }
  const userRole = await change(ask, 'grantRole', grant)
  const key = { name: 'spare', scopes: ['odds:read'] }
  const { apiKey } = await take<{ apiKey: { id: string } }>(
    ask,
    'mutation Key($k: CreateApiKeyInput!) { createApiKey(input: $k) { apiKey { id } } }',
    { k: key },
  )
  const none = Object.fromEntries(ID_KINDS.map((kind) => [kind, []])) as unknown as IdsOfKinds
  return {
    ...none,
    tenant: [ACME],
    guild: [ACME_SPARE_GUILD],
    user: [user],
    role: [role],
    userRole: [userRole],
    apiKey: [apiKey.id],
  }
}

function groupIds(found: readonly { kind: IdKind; id: string }[]): IdsOfKinds {
  const idsOf = (kind: IdKind) => found.filter((one) => one.kind === kind).map(({ id }) => id)
  // The list of kinds made the keys.
  return Object.fromEntries(ID_KINDS.map((kind) => [kind, idsOf(kind)])) as unknown as IdsOfKinds
}

/** Plants a tenant full of marked data beside Acme, and spare rows within Acme. */
export async function plantForeignWorld(platform: TestPlatform): Promise<ForeignWorld> {
  const own = await plantSpare(platform)
  const databases = platform.local.platform.services.map(({ database }) => database)
  await startIdsAt(databases, FIRST_FOREIGN_ID)
  const operator = await platform.as(PEOPLE.operator)
  const admin = await plantForeign(platform, operator)
  const places = { tenant: [admin.tenantId ?? ''], guild: [FOREIGN_GUILD] }
  const user = await foreignUsers(operator, admin.tenantId ?? '')
  const first = [...places.tenant, ...places.guild, ...user]
  const rows = await idsAbout(platform.local.platform, { ids: new Set(first), marker: MARKER })
  const numbered = rows.filter(({ id }) => Number(id) >= FIRST_FOREIGN_ID)
  const ids = new Set([...first, ...numbered.map(({ id }) => id)])
  const foreign = { ...groupIds(numbered), ...places, user }
  return { own, admin, belonging: { ids, marker: MARKER }, foreign }
}

async function foreignUsers(operator: Ask, tenantId: string): Promise<string[]> {
  type Users = { edges: { node: { id: string; tenantIds: string[] } }[] }
  const document = '{ users(first: 100) { edges { node { id tenantIds } } } }'
  const { edges } = await take<Users>(operator, document)
  return edges.flatMap(({ node }) => (node.tenantIds.includes(tenantId) ? [node.id] : []))
}

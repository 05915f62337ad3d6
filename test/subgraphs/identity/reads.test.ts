import { describe, expect, test } from 'vitest'
import { AUDIT_RECEIVER } from '#kernel/audit/audit.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_ANALYST,
  ACME_GUILD,
  ACME_MEMBER,
  ACME_OTHER_GUILD,
  GLOBEX,
  GLOBEX_ADMIN,
  GLOBEX_GUILD,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const MEMBERS = `query ($id: ID!) {
  _entities(representations: [{ __typename: "Guild", id: $id }]) {
    ... on Guild { members { edges { node { userId } } } }
  }
}`
const TENANT_MEMBERS = `query ($id: ID!) {
  _entities(representations: [{ __typename: "Tenant", id: $id }]) {
    ... on Tenant { members { edges { node { userId } } } }
  }
}`
const USER = 'query ($id: ID!) { user(id: $id) { displayName } }'
const USERS = '{ users { edges { node { displayName } } } }'
const EVENTS = '{ securityEvents(first: 100) { edges { node { eventType guildId } } } }'

const switchLogging = (world: World, guildId: string, tenantId: string) =>
  world.deliver([
    { kind: 'guild.updated', payload: { guildId, tenantId, auditLogging: true }, key: guildId },
  ])

async function openLogged(): Promise<World> {
  const world = await openWorld({ isTicking: true })
  await switchLogging(world, ACME_GUILD, ACME)
  return world
}

type Read = {
  action: string
  tenantId: string | null
  guildId: string | null
  actor: { userId: string | null }
  details: Record<string, number>
}

/** The records of reads, oldest first. */
async function readsIn(world: World): Promise<Read[]> {
  const rows = await world.database
    .acrossTenants()
    .find(OutboxRow, { receiver: AUDIT_RECEIVER }, { orderBy: { id: 'asc' } })
  return rows
    .map(({ payload }) => JSON.parse(payload) as Read)
    .filter(({ action }) => /\.(read|followed)$/.test(action))
}

const said = (reads: readonly Read[]) =>
  reads.map(({ action, tenantId, guildId, details }) => [action, tenantId, guildId, details.count])

const membersOf = (world: World, viewer: Viewer, id: string) =>
  world.execute(viewer, MEMBERS, { id })

/** Follows the live feed from its beginning until the first event. */
async function followOnce(world: World, viewer: Viewer): Promise<void> {
  const query = 'subscription { securityEventHappened { id } }'
  const body = JSON.stringify({ query, extensions: { resume: 'beginning' } })
  const answer = await world.send(
    { path: '/graphql', accept: 'text/event-stream', body },
    { viewer },
  )
  const reader = answer.body?.getReader()
  for (let text = ''; !text.includes('"data"'); ) {
    text += Buffer.from((await reader?.read())?.value ?? []).toString()
  }
  await reader?.cancel()
}

describe('reads of others in guilds with audit logging', () => {
  test('members of a guild are recorded once a look, with who looked', async () => {
    await using world = await openLogged()
    const admin = await world.as(ACME_ADMIN)
    await membersOf(world, admin, ACME_GUILD)
    const reads = await readsIn(world)
    // Two of the three: the admin himself is one of them.
    expect(said(reads)).toEqual([['members.read', ACME, ACME_GUILD, 2]])
    expect(reads[0]?.actor.userId).toBe(admin.userId)
  })

  test('members of a guild without it are not', async () => {
    await using world = await openLogged()
    await membersOf(world, await world.as(ACME_ADMIN), ACME_OTHER_GUILD)
    await membersOf(world, await world.as(GLOBEX_ADMIN), GLOBEX_GUILD)
    expect(await readsIn(world)).toEqual([])
  })

  test('a tenant’s members are recorded for its logged guilds alone', async () => {
    await using world = await openLogged()
    await world.execute(await world.as(ACME_ADMIN), TENANT_MEMBERS, { id: ACME })
    expect(said(await readsIn(world))).toEqual([['members.read', ACME, ACME_GUILD, 2]])
  })

  test('a refused look reads nothing, so it is not recorded', async () => {
    await using world = await openLogged()
    const { errors } = await membersOf(world, await world.as(ACME_MEMBER), ACME_GUILD)
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
    await membersOf(world, await world.as(GLOBEX_ADMIN), ACME_GUILD)
    expect(await readsIn(world)).toEqual([])
  })

  test('a person read by id or in a list is recorded where both are; oneself is not', async () => {
    await using world = await openLogged()
    const [admin, member] = [await world.as(ACME_ADMIN), await world.as(ACME_MEMBER)]
    await world.execute(member, '{ me { displayName } }')
    await world.execute(member, USER, { id: member.userId })
    expect(await readsIn(world)).toEqual([])
    await world.execute(member, USER, { id: admin.userId })
    await world.execute(admin, USERS)
    expect(said(await readsIn(world))).toEqual([
      ['users.read', ACME, ACME_GUILD, 1],
      ['users.read', ACME, ACME_GUILD, 2],
    ])
  })

  test('the platform’s looks are recorded too; other tenants’ guilds stay out of a tenant’s', async () => {
    await using world = await openLogged()
    await switchLogging(world, GLOBEX_GUILD, GLOBEX)
    await world.execute(await world.as(OPERATOR), USERS)
    const both = said(await readsIn(world)).map(([, tenantId]) => tenantId)
    expect(new Set(both)).toEqual(new Set([ACME, GLOBEX]))
    await world.execute(await world.as(GLOBEX_ADMIN), USERS)
    expect(await readsIn(world)).toHaveLength(both.length)
  })

  test('work that answers nothing of a person is no read', async () => {
    await using world = await openLogged()
    const admin = await world.as(ACME_ADMIN)
    const { userId } = await world.as(ACME_ANALYST)
    const { errors } = await world.execute(
      admin,
      'mutation ($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) { count } }',
      { input: { userId } },
    )
    expect(errors).toBeUndefined()
    expect(await readsIn(world)).toEqual([])
  })

  test('security events of others are recorded, read or followed', async () => {
    await using world = await openLogged()
    const admin = await world.as(ACME_ADMIN)
    await world.as({ ...ACME_MEMBER, guildId: ACME_GUILD })
    await world.execute(admin, EVENTS)
    const [read] = await readsIn(world)
    expect(read).toMatchObject({ action: 'security.read', tenantId: ACME, guildId: ACME_GUILD })
    await followOnce(world, admin)
    expect((await readsIn(world)).at(-1)).toMatchObject({
      action: 'security.followed',
      tenantId: ACME,
      guildId: null,
    })
  })

  test('following where no guild has its reads logged is not recorded', async () => {
    await using world = await openLogged()
    await followOnce(world, await world.as(GLOBEX_ADMIN))
    expect(await readsIn(world)).toEqual([])
  })
})

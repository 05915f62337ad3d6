import { describe, expect, test } from 'vitest'
import {
  ACME_CLUB,
  ACME_GUILD,
  GLOBEX_GUILD,
  placeGuilds,
  userViewer,
  type Who,
} from '../compliance-kit.ts'
import { append, entriesOf, openAudit, recordOf, type World } from './audit-kit.ts'

const LIST = `query ($where: AuditLogWhere, $orderBy: [AuditLogOrder!], $first: Int, $after: String) {
  auditLogs(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    edges { node { id action userId resourceId } } pageInfo { hasNextPage endCursor } } }`

type Edge = { node: { id: string; action: string; userId: string | null; resourceId: string } }

async function idsOf(world: World, who: Who, variables: object = {}): Promise<string[]> {
  const { data } = await world.ask(who, LIST, variables)
  return data.auditLogs.edges.map(({ node }: Edge) => node.id)
}

/** 1 and 2 of tenant 1, 3 and 4 of its guilds, 5 of tenant 2's guild, 6 of the platform. */
async function openFilled() {
  const world = await openAudit()
  await placeGuilds(world)
  await append(world, [
    recordOf({ action: 'role.grant', resource: { type: 'role', id: '1' } }),
    recordOf({
      action: 'role.revoke',
      resource: { type: 'role', id: '2' },
      outcome: 'refused',
      userId: '9',
    }),
    recordOf({ action: 'bet.placed', resource: { type: 'bet', id: '3' }, guildId: ACME_GUILD }),
    recordOf({ action: 'bet.placed', resource: { type: 'bet', id: '4' }, guildId: ACME_CLUB }),
    recordOf({
      action: 'bet.placed',
      resource: { type: 'bet', id: '5' },
      tenantId: '2',
      guildId: GLOBEX_GUILD,
    }),
    recordOf({ action: 'tenant.opened', resource: { type: 'tenant', id: '1' }, tenantId: null }),
  ])
  return world
}

describe('who sees what', () => {
  test('the platform all, a tenant its own, a guild its guild’s, newest first', async () => {
    await using world = await openFilled()
    expect(await idsOf(world, 'operator')).toEqual(['6', '5', '4', '3', '2', '1'])
    expect(await idsOf(world, 'acmeAdmin')).toEqual(['4', '3', '2', '1'])
    expect(await idsOf(world, 'acmeGuildAdmin')).toEqual(['3'])
    expect(await idsOf(world, 'globexAdmin')).toEqual(['5'])
    expect(await idsOf(world, 'reachless')).toEqual([])
  })

  test('without audit:read there is nothing, whatever the reach', async () => {
    await using world = await openFilled()
    const { data, codes } = await world.ask(userViewer('2', { kind: 'platform' }, []), LIST)
    expect(data.auditLogs).toBeNull()
    expect(codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  })

  test('one entry by its id answers within reach alone', async () => {
    await using world = await openFilled()
    const query =
      '{ five: auditLog(id: "5") { id } six: auditLog(id: "6") { id } x: auditLog(id: "x") { id } }'
    const seen = async (who: Who) => (await world.ask(who, query)).data
    expect(await seen('globexAdmin')).toEqual({ five: { id: '5' }, six: null, x: null })
    expect(await seen('acmeAdmin')).toEqual({ five: null, six: null, x: null })
    expect(await seen('operator')).toEqual({ five: { id: '5' }, six: { id: '6' }, x: null })
  })

  test('a foreign tenant or guild has an empty trail', async () => {
    await using world = await openFilled()
    const trail = async (who: Who, __typename: string, id: string) => {
      const fields = `... on ${__typename} { auditTrail(first: 1) { edges { node { id } } pageInfo { hasNextPage } } }`
      const { data } = await world.entity(who, { __typename, id }, fields)
      return data.auditTrail
    }
    const page = (id: string, hasNextPage: boolean) => ({
      edges: [{ node: { id } }],
      pageInfo: { hasNextPage },
    })
    const empty = { edges: [], pageInfo: { hasNextPage: false } }
    expect(await trail('acmeAdmin', 'Tenant', '1')).toEqual(page('1', true))
    expect(await trail('globexAdmin', 'Tenant', '1')).toEqual(empty)
    expect(await trail('acmeGuildAdmin', 'Tenant', '1')).toEqual(page('3', false))
    expect(await trail('acmeGuildAdmin', 'Guild', ACME_GUILD)).toEqual(page('3', false))
    expect(await trail('acmeGuildAdmin', 'Guild', ACME_CLUB)).toEqual(empty)
    expect(await trail('operator', 'Guild', GLOBEX_GUILD)).toEqual(page('5', false))
  })
})

describe('search', () => {
  test('by action, outcome, resource, person, part of an action', async () => {
    await using world = await openFilled()
    const found = (where: object) => idsOf(world, 'operator', { where })
    expect(await found({ action: { eq: 'bet.placed' } })).toEqual(['5', '4', '3'])
    expect(await found({ action: { contains: 'role.' } })).toEqual(['2', '1'])
    expect(await found({ outcome: { eq: 'REFUSED' } })).toEqual(['2'])
    expect(await found({ resourceType: { eq: 'bet' }, resourceId: { eq: '4' } })).toEqual(['4'])
    expect(await found({ userId: { eq: '9' } })).toEqual(['2'])
    expect(await found({ or: [{ id: { eq: '1' } }, { tenantId: { eq: '2' } }] })).toEqual([
      '5',
      '1',
    ])
    expect(await found({ not: { actorKind: { eq: 'USER' } } })).toEqual([])
    expect(await found({ at: { gt: '2030-01-01T00:00:00.000Z' } })).toEqual([])
  })

  test('pages follow each other without gap or double, in any order', async () => {
    await using world = await openFilled()
    const orderBy = [{ field: 'ACTION', direction: 'ASC' }]
    const ids: string[] = []
    for (let after: string | null = null; ; ) {
      const { data } = await world.ask('operator', LIST, { orderBy, first: 2, after })
      ids.push(...data.auditLogs.edges.map(({ node }: Edge) => node.id))
      if (!data.auditLogs.pageInfo.hasNextPage) break
      after = data.auditLogs.pageInfo.endCursor
    }
    expect(ids).toEqual(['3', '4', '5', '1', '2', '6'])
  })

  test('groups are counted within reach', async () => {
    await using world = await openFilled()
    const query = '{ auditLogAggregates(groupBy: [ACTION]) { group count } }'
    expect((await world.ask('operator', query)).data.auditLogAggregates[0]).toEqual({
      group: { action: 'bet.placed' },
      count: 3,
    })
    const { data } = await world.ask('acmeGuildAdmin', query)
    expect(data.auditLogAggregates).toEqual([{ group: { action: 'bet.placed' }, count: 1 }])
  })

  test('groups are told as the entries themselves are', async () => {
    await using world = await openFilled()
    const query = `{ auditLogAggregates(where: { outcome: { eq: REFUSED } },
      groupBy: [ACTION, OUTCOME, RESOURCE_TYPE, ACTOR_KIND, USER_ID, SOURCE, TENANT_ID, GUILD_ID]) {
      group count } }`
    const { data } = await world.ask('operator', query)
    const group = {
      ...{ action: 'role.revoke', outcome: 'REFUSED', resourceType: 'role', actorKind: 'USER' },
      ...{ userId: '9', source: 'identity', tenantId: '1', guildId: null },
    }
    expect(data.auditLogAggregates).toEqual([{ group, count: 1 }])
  })

  test('an entry tells all that is kept of it', async () => {
    await using world = await openFilled()
    const query = `{ auditLog(id: "2") { chain seq action outcome resourceType resourceId details actorKind
      user { id } keyId sessionId serviceName tenant { id } guild { id } source requestId at recordedAt
      prevHash entryHash client { ip } } }`
    const { data } = await world.ask('acmeAdmin', query)
    const [, entry] = await entriesOf(world)
    expect(data.auditLog).toEqual({
      ...{ chain: 'tenant:1', seq: '2', action: 'role.revoke', outcome: 'REFUSED' },
      ...{ resourceType: 'role', resourceId: '2', details: {}, actorKind: 'USER' },
      ...{ user: { id: '9' }, keyId: null, sessionId: 'session', serviceName: null },
      ...{ tenant: { id: '1' }, guild: null, source: 'identity', requestId: 'request' },
      ...{ at: '2026-03-01T12:00:00.000Z', recordedAt: '2026-03-01T12:00:00.000Z' },
      ...{ prevHash: entry?.prevHash, entryHash: entry?.entryHash, client: null },
    })
  })
})

describe('reading in a guild with audit_logging', () => {
  const readsOf = async (world: World) =>
    (await world.audited()).filter(({ action }) => action.startsWith('audit.'))

  test('is told once for each look, and reading that is told once more, not endlessly', async () => {
    await using world = await openFilled()
    await placeGuilds(world)
    await world.deliver(
      'u',
      'guild.updated',
      { guildId: ACME_GUILD, tenantId: '1', auditLogging: true },
      'tenancy',
    )
    await idsOf(world, 'acmeAdmin')
    const [read, ...others] = await readsOf(world)
    expect(others).toEqual([])
    expect(read).toMatchObject({
      ...{ action: 'audit.read', guildId: ACME_GUILD, tenantId: '1', details: { count: 1 } },
      actor: { userId: '2' },
    })
    await append(world, [read])
    await idsOf(world, 'acmeAdmin')
    expect(await readsOf(world)).toHaveLength(2)
  })

  test('is not told where the guild does not ask for it, nor of figures', async () => {
    await using world = await openFilled()
    await idsOf(world, 'acmeAdmin')
    await world.deliver(
      'u',
      'guild.updated',
      { guildId: ACME_GUILD, tenantId: '1', auditLogging: true },
      'tenancy',
    )
    await world.ask('acmeAdmin', '{ auditLogAggregates(groupBy: []) { count } }')
    expect(await readsOf(world)).toEqual([])
  })
})

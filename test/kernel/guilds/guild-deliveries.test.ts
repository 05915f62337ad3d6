import { describe, expect, test } from 'vitest'
import { type Database, transactional } from '#kernel/db/database.ts'
import { createGuildDeliveries, type GuildHooks } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { openSqlite } from '../../kit/database.ts'

const GUILD = { guildId: '11', tenantId: '1' }
const ON = { enterpriseFeatures: true, complianceMode: true, auditLogging: true }
const OFF = { enterpriseFeatures: false, complianceMode: false, auditLogging: false }

function deliveriesTo(database: Database, hooks?: GuildHooks) {
  const handlers = createGuildDeliveries(hooks)
  return (kind: string, payload: unknown) =>
    transactional(database.acrossTenants(), async (tx) => {
      await handlers[kind]?.(tx, {
        source: 'tenancy',
        key: 'k',
        together: [],
        kind,
        aggregate: 'guild:11',
        payload,
        at: '2026-01-01',
      })
    })
}

const placesIn = async (database: Database) => {
  const rows = await database.acrossTenants().find(GuildPlace, {}, { orderBy: { id: 'asc' } })
  return rows.map(({ id: _id, ...place }) => ({ ...place }))
}

describe('what tenancy tells of a guild', () => {
  test.each(['guild.registered', 'guild.announced', 'guild.updated', 'guild.moved'])(
    '%s is written down whether the guild was known or not',
    async (kind) => {
      await using database = await openSqlite([GuildPlace])
      const deliver = deliveriesTo(database)
      await deliver(kind, { ...GUILD, ...ON })
      expect(await placesIn(database)).toEqual([{ ...GUILD, ...ON }])
      await deliver(kind, { ...GUILD, ...OFF, tenantId: '2' })
      expect(await placesIn(database)).toEqual([{ ...GUILD, ...OFF, tenantId: '2' }])
    },
  )

  test('a switch that is not named is off: an older message knows none', async () => {
    await using database = await openSqlite([GuildPlace])
    await deliveriesTo(database)('guild.registered', GUILD)
    expect(await placesIn(database)).toEqual([{ ...GUILD, ...OFF }])
  })

  test('a guild that is gone is forgotten, and its end may come twice', async () => {
    await using database = await openSqlite([GuildPlace])
    const deliver = deliveriesTo(database)
    await deliver('guild.registered', GUILD)
    await deliver('guild.removed', GUILD)
    await deliver('guild.removed', GUILD)
    expect(await placesIn(database)).toEqual([])
  })

  test.each([
    ['no guild', { tenantId: '1' }],
    ['no tenant', { guildId: '11' }],
    ['an id that is none', { ...GUILD, tenantId: 'x' }],
    ['a switch that is none', { ...GUILD, auditLogging: 'yes' }],
    ['nothing', null],
  ])('of %s is refused with GUILD_DELIVERY_INVALID', async (_what, payload) => {
    await using database = await openSqlite([GuildPlace])
    const deliver = deliveriesTo(database)
    for (const kind of ['guild.registered', 'guild.removed']) {
      await expect(deliver(kind, payload)).rejects.toMatchObject({ code: 'GUILD_DELIVERY_INVALID' })
    }
    expect(await placesIn(database)).toEqual([])
  })
})

describe('what a subgraph does beside', () => {
  test('is done in the same transaction: its refusal takes the place with it', async () => {
    await using database = await openSqlite([GuildPlace])
    const told: unknown[] = []
    const deliver = deliveriesTo(database, {
      onPlaced: async (_tx, guild) => void told.push(['placed', guild.tenantId]),
      onRemoved: async (tx, guild) => {
        told.push(['removed', await tx.count(GuildPlace, { guildId: guild.guildId })])
        throw new Error('not yet')
      },
    })
    await deliver('guild.registered', GUILD)
    await expect(deliver('guild.removed', GUILD)).rejects.toThrow('not yet')
    // The place still stands while it is asked.
    expect(told).toEqual([
      ['placed', '1'],
      ['removed', 1],
    ])
    expect(await placesIn(database)).toHaveLength(1)
  })
})

import { describe, expect, test } from 'vitest'
import { AUDIT_RECEIVER, type AuditRecord, createAudit } from '#kernel/audit/audit.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createReadLog } from '#kernel/audit/read-log.ts'
import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { TEST_CLIENT_SEAL } from '../../kit/client-seal.ts'
import { openSqlite } from '../../kit/database.ts'

const LOGGED = '11'
const ALSO_LOGGED = '12'
const QUIET = '13'

const reader: Viewer = {
  ...anonymousViewer('r1'),
  kind: 'user',
  userId: '7',
  sessionId: 's1',
  reach: { kind: 'tenant', tenantId: '1' },
}

const audit = createAudit({
  clock: createManualClock(new Date('2026-03-01T12:00:00.000Z')),
  randomness: createSeededRandomness('read log'),
  clientSeal: TEST_CLIENT_SEAL,
})

const READ = { action: 'bets.read', resourceType: 'bet' }
const bet = (guildId: string | null, userId: string | null = '9') => ({
  tenantId: '1',
  guildId,
  userId,
})

async function openDatabase() {
  const database = await openSqlite([GuildPlace, OutboxRow, OutboxLane])
  const em = database.acrossTenants()
  for (const guildId of [LOGGED, ALSO_LOGGED, QUIET]) {
    em.persist(em.create(GuildPlace, { guildId, tenantId: '1', auditLogging: guildId !== QUIET }))
  }
  await em.flush()
  return database
}

async function recordsIn(database: Database): Promise<AuditRecord[]> {
  const rows = await database
    .acrossTenants()
    .find(OutboxRow, { receiver: AUDIT_RECEIVER }, { orderBy: { id: 'asc' } })
  return rows.map(({ payload }) => JSON.parse(payload) as AuditRecord)
}

describe('reads of others', () => {
  test('are recorded once for each guild that logs them, and the rows come back as they were', async () => {
    await using database = await openDatabase()
    const rows = [bet(LOGGED), bet(QUIET), bet(LOGGED, '10'), bet(ALSO_LOGGED), bet(null)]
    const readLog = createReadLog({ database, audit, viewer: reader })
    expect(await readLog.note(rows, READ)).toBe(rows)
    expect(await recordsIn(database)).toMatchObject(
      [
        { guildId: LOGGED, details: { count: 2 } },
        { guildId: ALSO_LOGGED, details: { count: 1 } },
      ].map((one) => ({
        ...one,
        action: 'bets.read',
        actor: { userId: '7' },
        resource: { type: 'bet', id: null },
        tenantId: '1',
        outcome: 'done',
      })),
    )
  })

  test('in guilds that do not log them, one’s own, and of nothing are not', async () => {
    await using database = await openDatabase()
    const readLog = createReadLog({ database, audit, viewer: reader })
    for (const rows of [[], [bet(QUIET)], [bet(LOGGED, '7')], [bet('99')], [bet(null)]]) {
      await readLog.note(rows, READ)
    }
    expect(await recordsIn(database)).toEqual([])
  })

  test('by a program are recorded with its name, its own rows being nobody’s', async () => {
    await using database = await openDatabase()
    const viewer: Viewer = {
      ...anonymousViewer('r2'),
      kind: 'service',
      serviceName: 'ai',
      reach: { kind: 'platform' },
    }
    await createReadLog({ database, audit, viewer }).note([bet(LOGGED, null)], READ)
    expect(await recordsIn(database)).toMatchObject([{ actor: { serviceName: 'ai' } }])
  })

  test('that cannot be recorded are not answered', async () => {
    await using database = await openDatabase()
    const readLog = createReadLog({ database, audit, viewer: reader })
    const work = readLog.note([bet(LOGGED)], { ...READ, action: 'no name' })
    await expect(work).rejects.toMatchObject({ code: 'AUDIT_INVALID' })
    expect(await recordsIn(database)).toEqual([])
  })

  test('follow another’s word on which guilds log, where one is given', async () => {
    await using database = await openDatabase()
    const asked: (readonly string[])[] = []
    const loggedAmong = async (guildIds: readonly string[]) => {
      asked.push(guildIds)
      return [QUIET]
    }
    const readLog = createReadLog({ database, audit, viewer: reader, loggedAmong })
    await readLog.note([bet(LOGGED), bet(QUIET), bet(QUIET)], READ)
    expect(asked).toEqual([[LOGGED, QUIET]])
    expect(await recordsIn(database)).toMatchObject([{ guildId: QUIET, details: { count: 2 } }])
  })
})

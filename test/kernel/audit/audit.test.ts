import { expect, test } from 'vitest'
import { type AuditEntry, type AuditRecord, createAudit } from '#kernel/audit/audit.ts'
import { createInbox } from '#kernel/audit/inbox.ts'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { TEST_CLIENT_SEAL } from '../../kit/client-seal.ts'
import { openSqlite } from '../../kit/database.ts'

const viewer: Viewer = {
  kind: 'user',
  userId: '7',
  sessionId: 's1',
  keyId: null,
  reach: { kind: 'tenant', tenantId: '3' },
  scopes: ['roles:write'],
  serviceName: null,
  requestId: 'r1',
  client: null,
}

const granted: AuditEntry = {
  viewer,
  action: 'role.grant',
  resource: { type: 'user', id: '9' },
  outcome: 'done',
  tenantId: '3',
  guildId: null,
  details: { roleId: '4' },
}

const clock = createManualClock(new Date('2026-03-01T12:00:00.123Z'))
const audit = createAudit({
  clock,
  randomness: createSeededRandomness('audit'),
  clientSeal: TEST_CLIENT_SEAL,
})
const openDatabase = () => openSqlite([OutboxRow, OutboxLane, InboxRow])

test('a record is written with the change, as canonical bytes for the audit receiver', async () => {
  await using database = await openDatabase()
  await transactional(database.acrossTenants(), (tx) => audit.record(tx, granted))
  const [row] = await database.acrossTenants().find(OutboxRow, {})
  expect(row).toMatchObject({ receiver: 'audit', kind: 'audit.recorded', aggregate: 'user:9' })
  expect(row?.payload).toMatchInlineSnapshot(
    `"{"action":"role.grant","actor":{"keyId":null,"kind":"user","serviceName":null,"sessionId":"s1","userId":"7"},"at":"2026-03-01T12:00:00.123Z","client":null,"details":{"roleId":"4"},"guildId":null,"outcome":"done","requestId":"r1","resource":{"id":"9","type":"user"},"tenantId":"3","version":2}"`,
  )
})

test('a card number that slipped into the details is masked, the client is sealed', async () => {
  await using database = await openDatabase()
  const client = { ip: '203.0.113.7', userAgent: 'curl/8' }
  const details = { note: 'card 4111 1111 1111 1111', others: ['x', '5555555555554444'], count: 2 }
  await transactional(database.acrossTenants(), (tx) =>
    audit.record(tx, { ...granted, viewer: { ...viewer, client }, details }),
  )
  const [row] = await database.acrossTenants().find(OutboxRow, {})
  expect(row?.payload).not.toMatch(/1111 1111|555555|203\.0|curl/)
  const record = JSON.parse(row?.payload ?? '') as AuditRecord
  expect(record.details).toEqual({
    note: 'card [card …1111]',
    others: ['x', '[card …4444]'],
    count: 2,
  })
  expect(TEST_CLIENT_SEAL.unseal(record.client ?? '')).toEqual(client)
})

test('a change that is rolled back leaves no record', async () => {
  await using database = await openDatabase()
  const work = transactional(database.acrossTenants(), async (tx) => {
    await audit.record(tx, granted)
    throw new Error('rolled back')
  })
  await expect(work).rejects.toThrow('rolled back')
  expect(await database.acrossTenants().count(OutboxRow)).toBe(0)
})

test('a record that cannot be written takes the change with it', async () => {
  await using database = await openDatabase()
  const work = transactional(database.acrossTenants(), async (tx) => {
    tx.persist(tx.create(InboxRow, { caller: 'change', key: '1', at: clock.now() }))
    await audit.record(tx, { ...granted, action: '' })
  })
  await expect(work).rejects.toMatchObject({ code: 'AUDIT_INVALID' })
  expect(await database.acrossTenants().count(InboxRow)).toBe(0)
})

test('a record outside a transaction is refused', async () => {
  await using database = await openDatabase()
  const work = audit.record(database.acrossTenants(), granted)
  await expect(work).rejects.toThrow('inside a transaction')
})

test.each([
  ['an action with a space', { action: 'grant role' }],
  ['a resource type of 41 characters', { resource: { type: 'a'.repeat(41), id: null } }],
  ['a resource id of 51 characters', { resource: { type: 'user', id: '1'.repeat(51) } }],
  ['details over 16 kB', { details: { text: 'x'.repeat(16_384) } }],
])('%s is refused with AUDIT_INVALID', async (_case, wrong) => {
  await using database = await openDatabase()
  const work = transactional(database.acrossTenants(), (tx) =>
    audit.record(tx, { ...granted, ...wrong }),
  )
  await expect(work).rejects.toMatchObject({ code: 'AUDIT_INVALID' })
})

test.each([
  ['an empty key', { caller: 'tenancy', key: '' }],
  ['a key of 65 characters', { caller: 'tenancy', key: 'k'.repeat(65) }],
  ['an empty caller', { caller: '', key: 'k' }],
])('a delivery with %s is refused with INBOX_KEY_INVALID', async (_case, delivery) => {
  await using database = await openDatabase()
  const inbox = createInbox({ clock })
  const work = transactional(database.acrossTenants(), (tx) =>
    inbox.acceptOnce(tx, delivery, async () => {}),
  )
  await expect(work).rejects.toMatchObject({ code: 'INBOX_KEY_INVALID' })
})

test('a delivery outside a transaction is refused, and pruning forgets old keys', async () => {
  await using database = await openDatabase()
  const inbox = createInbox({ clock })
  const delivery = { caller: 'tenancy', key: 'k' }
  const outside = inbox.acceptOnce(database.acrossTenants(), delivery, async () => {})
  await expect(outside).rejects.toThrow('inside a transaction')
  await transactional(database.acrossTenants(), (tx) =>
    inbox.acceptOnce(tx, delivery, async () => {}),
  )
  expect(await inbox.prune(database, clock.now())).toBe(0)
  expect(await inbox.prune(database, new Date(clock.now().getTime() + 1))).toBe(1)
})

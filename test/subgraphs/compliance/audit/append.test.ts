import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from '#kernel/audit/canonical.ts'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { append, deliverAll, entriesOf, openAudit, recordOf, verify } from './audit-kit.ts'

const placesOf = async (world: Parameters<typeof entriesOf>[0]) =>
  (await entriesOf(world)).map(({ id, chain, seq, deliveryKey }) => [id, chain, seq, deliveryKey])

test('records of several tenants stand in a chain of each, ids dense over all', async () => {
  await using world = await openAudit()
  const accepted = await deliverAll(world, [
    { key: 'a', payload: recordOf() },
    { key: 'b', payload: recordOf({ tenantId: '2' }), aggregate: 'role:13' },
    { key: 'c', payload: recordOf({ tenantId: null }), aggregate: 'role:14' },
    { key: 'd', payload: recordOf() },
  ])
  expect(accepted).toEqual(['a', 'b', 'c', 'd'])
  expect(await placesOf(world)).toEqual([
    ['1', 'tenant:1', 1, 'a'],
    ['2', 'tenant:2', 1, 'b'],
    ['3', 'platform', 1, 'c'],
    ['4', 'tenant:1', 2, 'd'],
  ])
  for (const chain of ['tenant:1', 'tenant:2', 'platform']) {
    expect(await verify(world, chain)).toMatchObject({ isWhole: true, findings: [] })
  }
})

test('what is hashed is canonical, and every column is said by it', async () => {
  await using world = await openAudit()
  const details = { z: 1, a: 'ümlaut', list: ['x', 'y'] }
  await append(world, [recordOf({ details, guildId: '81384788765712384', outcome: 'refused' })])
  const [entry] = await entriesOf(world)
  const hashed = JSON.parse(entry?.canonical ?? '') as { record: unknown; prev: string }
  expect(canonicalText(hashed, 100_000)).toBe(entry?.canonical)
  const { client: _client, ...record } = recordOf({
    details,
    guildId: '81384788765712384',
    outcome: 'refused',
  })
  expect(hashed.record).toEqual(record)
  expect(hashed.prev).toBe('0'.repeat(64))
  expect(entry).toMatchObject({
    ...{ source: 'identity', action: 'role.grant', outcome: 'refused', details },
    ...{ resourceType: 'role', resourceNumber: '12', resourceId: '12', userId: '7' },
    ...{ actorKind: 'user', sessionId: 'session', guildId: '81384788765712384' },
  })
})

test('a resource without a number for an id has only its key', async () => {
  await using world = await openAudit()
  await append(world, [recordOf({ resource: { type: 'flag', id: 'beta.live' } })])
  const [entry] = await entriesOf(world)
  expect(entry).toMatchObject({ resourceNumber: null, resourceId: 'beta.live' })
})

test('a delivery that comes again is kept once, also after the inbox forgot it', async () => {
  await using world = await openAudit()
  const sent = [
    { key: 'a', payload: recordOf() },
    { key: 'b', payload: recordOf() },
  ]
  expect(await deliverAll(world, sent)).toEqual(['a', 'b'])
  expect(await deliverAll(world, sent)).toEqual(['a', 'b'])
  await deleteWhere(world.database.acrossTenants(), InboxRow, {})
  expect(await deliverAll(world, [...sent].reverse())).toEqual(['b', 'a'])
  expect(await deliverAll(world, [...sent, { key: 'c', payload: recordOf() }])).toHaveLength(3)
  expect((await placesOf(world)).map(([, , , key]) => key)).toEqual(['a', 'b', 'c'])
  expect(await verify(world)).toMatchObject({ isWhole: true, checked: 3, headSeq: 3 })
})

test('the same key of another subgraph is another delivery', async () => {
  await using world = await openAudit()
  const sent = [{ key: 'a', payload: recordOf() }]
  await deliverAll(world, sent, 'identity')
  await deliverAll(world, sent, 'tenancy')
  expect((await entriesOf(world)).map(({ source }) => source)).toEqual(['identity', 'tenancy'])
})

test('both versions of a record are read; the first has no client', async () => {
  await using world = await openAudit()
  const { client: _client, version: _version, ...first } = recordOf()
  const client = { ip: '203.0.113.9', userAgent: 'curl/8' }
  await append(world, [{ ...first, version: 1 }, recordOf({ client })])
  const entries = await entriesOf(world)
  expect(entries.map(({ action, ipAddress }) => [action, ipAddress === null])).toEqual([
    ['role.grant', true],
    ['role.grant', false],
  ])
  expect(await verify(world)).toMatchObject({ isWhole: true })
})

test.each([
  ['an unknown version', { ...recordOf(), version: 3 }],
  ['a field more', { ...recordOf(), note: 'x' }],
  ['a field less', { ...recordOf(), outcome: undefined }],
  ['an outcome that is none', { ...recordOf(), outcome: 'perhaps' }],
  ['a tenant that is no id', { ...recordOf(), tenantId: 'acme' }],
  ['details that are nested', { ...recordOf(), details: { a: { b: 1 } } }],
  ['a text', 'role.grant'],
  ['nothing', null],
  ['a list', [recordOf()]],
])('%s is kept as unreadable and holds nothing back', async (_name, payload) => {
  await using world = await openAudit()
  const accepted = await deliverAll(world, [
    { key: 'a', payload },
    { key: 'b', payload: recordOf() },
  ])
  expect(accepted).toEqual(['a', 'b'])
  const [unreadable, next] = await entriesOf(world)
  expect(unreadable).toMatchObject({
    ...{ action: 'audit.unreadable', outcome: 'failed', chain: 'platform', tenantId: null },
    ...{ actorKind: 'service', serviceName: 'identity', userId: null },
    details: { digest: expect.stringMatching(/^[\da-f]{64}$/) },
  })
  expect(next).toMatchObject({ chain: 'tenant:1', seq: 1 })
  expect(await verify(world, 'platform')).toMatchObject({ isWhole: true })
})

test('of what is unreadable, the resource is kept where it is a plain name', async () => {
  await using world = await openAudit()
  const resource = (type: unknown, id: unknown) => ({
    ...recordOf(),
    version: 9,
    resource: { type, id },
  })
  await append(world, [
    resource('bet', '31'),
    resource('bet'.repeat(40), "'; drop table audit_logs"),
    resource({ toString: 'x' }, 12),
  ])
  const kept = (await entriesOf(world)).map(({ resourceType, resourceId }) => [
    resourceType,
    resourceId,
  ])
  expect(kept).toEqual([
    ['bet', '31'],
    ['unknown', null],
    ['unknown', null],
  ])
})

test('a client that nobody here can open is left out, the record kept', async () => {
  await using world = await openAudit()
  await append(world, [{ ...recordOf(), client: 'c1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA' }])
  const [entry] = await entriesOf(world)
  expect(entry).toMatchObject({ action: 'role.grant', ipAddress: null, userAgent: null })
})

test('however a relay repeats and splits its deliveries, each aggregate stands in order, once', async () => {
  const step = fc.record({
    from: fc.nat(11),
    length: fc.integer({ min: 1, max: 12 }),
    isForgotten: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      await using world = await openAudit()
      const outbox = Array.from({ length: 12 }, (_, index) => ({
        key: `key-${index}`,
        aggregate: `bet:${index % 3}`,
        payload: recordOf({ resource: { type: 'bet', id: String((index % 3) + 1) } }),
      }))
      let taken = 0
      // As a relay does: from some row that it did not mark as sent, never beyond a gap.
      for (const { from, length, isForgotten } of [
        ...steps,
        { from: 0, length: 12, isForgotten: false },
      ]) {
        const start = Math.min(from, taken)
        await deliverAll(world, outbox.slice(start, start + length))
        taken = Math.max(taken, Math.min(12, start + length))
        if (isForgotten) await deleteWhere(world.database.acrossTenants(), InboxRow, {})
      }
      const keys = (await entriesOf(world)).map(({ deliveryKey }) => deliveryKey)
      expect(keys).toEqual(outbox.map(({ key }) => key))
      expect(await verify(world)).toMatchObject({ isWhole: true, checked: 12 })
    }),
    { numRuns: 12 },
  )
})

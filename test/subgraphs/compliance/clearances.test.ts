import { expect, test } from 'vitest'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createServiceClient } from '#kernel/service/service-client.ts'
import { createClearance } from '#subgraphs/analytics/services/clearance.ts'
import { Clearance } from '#subgraphs/compliance/entities/clearance.ts'
import { clearanceDeliveries } from '#subgraphs/compliance/services/clearances.ts'
import { silentLog } from '../../kit/database.ts'
import {
  ACME_GUILD,
  GLOBEX_GUILD,
  give,
  openCompliance,
  placeGuilds,
  publish,
  TEST_KEYS,
  VIEWERS,
  type World,
  withdraw,
} from './compliance-kit.ts'

const DAY_MS = 86_400_000

const QUESTION = {
  userId: '4',
  tenantId: '1',
  guildId: ACME_GUILD,
  amount: '500',
  currency: 'EUR',
  idempotencyKey: 'bet-one',
}

async function may({ send }: World, input: object = {}, path = '/may-bet', caller = 'analytics') {
  const sent = { caller, viewer: VIEWERS.analytics, body: { ...QUESTION, ...input } }
  const response = await send(path, sent)
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, ...body } as { status: number } & Record<string, string>
}

const stored = async ({ database }: World) =>
  database.acrossTenants().find(Clearance, {}, { orderBy: { id: 'asc' } })

const statuses = async (world: World) => (await stored(world)).map(({ status }) => status)

async function openWorld(complianceMode = false): Promise<World> {
  const world = await openCompliance()
  await placeGuilds(world, { complianceMode })
  return world
}

test('the answer is yes, and says that it is provisional', async () => {
  await using world = await openWorld()
  expect(await may(world)).toEqual({
    status: 200,
    clearanceId: '1',
    answer: 'yes',
    code: null,
    isProvisional: true,
    says: 'Player protection is not built yet: the answer is yes.',
    missing: null,
  })
  expect(await may(world, {}, '/may-deposit')).toMatchObject({ clearanceId: '2', answer: 'yes' })
  expect(await stored(world)).toMatchObject([
    { kind: 'bet', amount: 500n, currency: 'EUR', status: 'reserved', userId: '4' },
    { kind: 'deposit', status: 'reserved' },
  ])
})

test('a question repeated by its key has one clearance; another question under it is refused', async () => {
  await using world = await openWorld()
  const first = await may(world)
  expect(await may(world)).toEqual(first)
  const reused = { status: 409, code: 'IDEMPOTENCY_KEY_REUSED' }
  expect(await may(world, { amount: '501' })).toMatchObject(reused)
  expect(await may(world, { userId: '5' })).toMatchObject(reused)
  expect(await may(world, { currency: 'GBP' })).toMatchObject(reused)
  expect(await stored(world)).toHaveLength(1)
})

test('one question twenty times at once has one clearance', async () => {
  await using world = await openWorld()
  const answers = await Promise.all(Array.from({ length: 20 }, () => may(world)))
  expect(new Set(answers.map(({ clearanceId }) => clearanceId)).size).toBe(1)
  expect(await stored(world)).toHaveLength(1)
})

test('in compliance mode the answer is no without a standing consent to the terms, and audited', async () => {
  await using world = await openWorld(true)
  await publish(world)
  const refused = await may(world)
  expect(refused).toMatchObject({
    ...{ status: 200, clearanceId: '1', answer: 'no', code: 'CONSENT_REQUIRED' },
    isProvisional: false,
    missing: { purpose: 'terms', version: '1.0' },
  })
  expect(await may(world)).toEqual(refused)
  expect((await world.audited()).slice(1)).toMatchObject([
    {
      ...{ action: 'bet.clearance', outcome: 'refused', tenantId: '1', guildId: ACME_GUILD },
      resource: { type: 'clearance', id: '1' },
      details: {
        ...{ userId: '4', amount: '500', currency: 'EUR', reason: 'CONSENT_REQUIRED' },
        ...{ purpose: 'terms', version: '1.0' },
      },
    },
  ])
  await give(world, 'member')
  expect(await may(world)).toMatchObject({ clearanceId: '1', answer: 'yes', code: null })
  expect(await may(world, { idempotencyKey: 'two' }, '/may-deposit')).toMatchObject({
    answer: 'yes',
  })
  await withdraw(world, 'member')
  expect(await may(world, { idempotencyKey: 'three' })).toMatchObject({ answer: 'no' })
})

test('in compliance mode a consent to older terms, or in another tenant, is not enough', async () => {
  await using world = await openWorld(true)
  await publish(world)
  await give(world, 'memberAtGlobex')
  expect(await may(world)).toMatchObject({ answer: 'no' })
  await give(world, 'member')
  await publish(world, { version: '2.0' })
  const missing = { purpose: 'terms', version: '2.0' }
  expect(await may(world)).toMatchObject({ answer: 'no', missing })
  await give(world, 'member', { version: '2.0' })
  expect(await may(world)).toMatchObject({ answer: 'yes' })
})

test('in compliance mode without any terms, any standing consent to them is enough', async () => {
  await using world = await openWorld(true)
  const missing = { purpose: 'terms', version: null }
  expect(await may(world)).toMatchObject({ answer: 'no', missing })
  await give(world, 'member')
  expect(await may(world)).toMatchObject({ answer: 'yes', missing: null })
})

test('a guild that compliance does not know, or of another tenant, gets no answer', async () => {
  await using world = await openWorld()
  const unknown = { status: 409, code: 'CLEARANCE_GUILD_UNKNOWN' }
  expect(await may(world, { guildId: '99' })).toMatchObject(unknown)
  expect(await may(world, { guildId: GLOBEX_GUILD })).toMatchObject(unknown)
  expect(await stored(world)).toEqual([])
})

test('a question that is none is refused', async () => {
  await using world = await openWorld()
  const bad = [
    ...[{ amount: '0' }, { amount: '-5' }, { amount: '1000000000000001' }, { amount: 5 }],
    ...[{ currency: 'euro' }, { userId: 'max' }, { guildId: '0' }, { idempotencyKey: 'a b' }],
    { idempotencyKey: 'x'.repeat(65) },
  ]
  for (const input of bad) {
    expect(await may(world, input)).toMatchObject({ status: 400, code: 'CLEARANCE_INVALID' })
  }
  expect(await may(world, { amount: '1000000000000000' })).toMatchObject({ answer: 'yes' })
})

test('nobody but analytics asks', async () => {
  await using world = await openWorld()
  for (const caller of ['gateway', 'identity', 'ai']) {
    expect((await may(world, {}, '/may-bet', caller)).code).toBe('SERVICE_CALLER_REFUSED')
  }
  expect(await stored(world)).toEqual([])
})

test('analytics asks as it does at work: a yes, a no with its reason, and no answer', async () => {
  await using world = await openWorld(true)
  const client = createServiceClient({
    ...{ caller: 'analytics', keys: TEST_KEYS, clock: world.clock, timeoutMs: 5_000 },
    randomness: systemRandomness,
    log: silentLog,
    resolve: () => ({ url: 'http://compliance.local', fetch: world.service.fetch }),
  })
  const outbox = createOutbox({ clock: world.clock, randomness: systemRandomness })
  const { ask } = createClearance({
    ...{ services: client, outbox, randomness: systemRandomness, viewer: VIEWERS.member },
    em: () => world.database.acrossTenants(),
  })
  const { idempotencyKey: _, ...facts } = { ...QUESTION, amount: 500n }
  const refusedFor = (version: string | null) => ({
    code: 'COMPLIANCE_REFUSED',
    extensions: { reason: 'CONSENT_REQUIRED', purpose: 'terms', version },
  })
  await expect(ask('bet', facts)).rejects.toMatchObject(refusedFor(null))
  await publish(world, { version: '3.1' })
  await expect(ask('bet', facts)).rejects.toMatchObject(refusedFor('3.1'))
  await expect(ask('bet', { ...facts, guildId: '99' })).rejects.toMatchObject({
    code: 'COMPLIANCE_UNAVAILABLE',
  })
  await give(world, 'member', { version: '3.1' })
  expect(await ask('deposit', facts)).toMatchObject({ isProvisional: true })
})

test('a clearance is confirmed exactly once, however often that is delivered', async () => {
  await using world = await openWorld()
  const { clearanceId } = await may(world)
  const payload = { clearanceId, resource: 'bet:12' }
  expect(await world.deliver('c1', 'clearance.confirmed', payload)).toEqual(['c1'])
  expect(await world.deliver('c1', 'clearance.confirmed', payload)).toEqual(['c1'])
  const other = { clearanceId, resource: 'bet:13' }
  expect(await world.deliver('c2', 'clearance.confirmed', other)).toEqual(['c2'])
  expect(await stored(world)).toMatchObject([{ status: 'confirmed', resource: 'bet:12' }])
  // The change came about: neither a release nor time undoes that.
  expect(await world.deliver('r1', 'clearance.released', { clearanceId })).toEqual(['r1'])
  world.clock.advance(120_000)
  await world.run('clearances.expire')
  expect(await may(world)).toMatchObject({ clearanceId, answer: 'yes' })
  expect(await statuses(world)).toEqual(['confirmed'])
})

test('a clearance that was not used is released', async () => {
  await using world = await openWorld()
  const { clearanceId } = await may(world)
  expect(await world.deliver('r1', 'clearance.released', { clearanceId })).toEqual(['r1'])
  expect(await statuses(world)).toEqual(['released'])
  expect(await may(world)).toMatchObject({ clearanceId, answer: 'yes' })
  expect(await statuses(world)).toEqual(['reserved'])
})

test('a clearance that nobody speaks of expires after a minute; used late, it counts', async () => {
  await using world = await openWorld()
  const { clearanceId } = await may(world)
  world.clock.advance(59_999)
  await world.run('clearances.expire')
  expect(await statuses(world)).toEqual(['reserved'])
  world.clock.advance(1)
  await world.run('clearances.expire')
  expect(await statuses(world)).toEqual(['expired'])
  const payload = { clearanceId, resource: 'bet:12' }
  expect(await world.deliver('c1', 'clearance.confirmed', payload)).toEqual(['c1'])
  expect(await statuses(world)).toEqual(['confirmed'])
})

test('clearances are forgotten after 90 days, and not before', async () => {
  await using world = await openWorld()
  await may(world)
  world.clock.advance(DAY_MS)
  await may(world, { idempotencyKey: 'two' })
  world.clock.advance(89 * DAY_MS)
  await world.run('clearances.forget')
  expect(await stored(world)).toHaveLength(2)
  world.clock.advance(1)
  await world.run('clearances.forget')
  expect(await stored(world)).toMatchObject([{ idempotencyKey: 'two' }])
})

test('a delivery of an unknown clearance, or one that is none, is not accepted', async () => {
  await using world = await openWorld()
  const refused = [
    ['clearance.confirmed', { clearanceId: '99', resource: 'bet:1' }],
    ['clearance.released', { clearanceId: '99' }],
    ['clearance.confirmed', { clearanceId: '1' }],
    ['clearance.released', { clearanceId: 'x' }],
  ] as const
  for (const [index, [kind, payload]] of refused.entries()) {
    expect(await world.deliver(`d${index}`, kind, payload)).toEqual([])
  }
})

test('why a delivery was not accepted has a code', async () => {
  await using world = await openWorld()
  const apply = (payload: object) =>
    transactional(world.database.acrossTenants(), async (tx) => {
      const from = { source: 'analytics', key: 'k1', together: [], aggregate: 'clearance:1' }
      const delivery = { ...from, kind: 'clearance.released', at: '', payload }
      await clearanceDeliveries[delivery.kind]?.(tx, delivery)
    })
  await expect(apply({ clearanceId: '99' })).rejects.toMatchObject({ code: 'CLEARANCE_NOT_FOUND' })
  await expect(apply({})).rejects.toMatchObject({ code: 'CLEARANCE_INVALID' })
})

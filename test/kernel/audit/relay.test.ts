import { expect, test } from 'vitest'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox, type Message } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay, type OutboxDelivery, type RelayDeps } from '#kernel/audit/relay.ts'
import { createManualClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { databaseError } from '#kernel/db/errors.ts'
import { DomainError } from '#kernel/errors.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { openSqlite, silentLog, type TestDatabase } from '../../kit/database.ts'
import { waitFor } from '../jobs/job-kit.ts'
import { describeOutbox } from './outbox-suite.ts'
import { assertOnceInOrder, RELAYED } from './two-relays-suite.ts'

describeOutbox('SQLite', {
  openDatabase: () => openSqlite([OutboxRow, OutboxLane, InboxRow]),
  runs: 40,
})

test('one relay, with answers lost, refused, late and receivers killed at random: once, in order', async () => {
  await using database = await openSqlite(RELAYED)
  await assertOnceInOrder([database], 10)
})

const START = new Date('2026-03-01T12:00:00Z')

/** An outbox and its relay on a clock that stands still. */
async function openWorld(options: Partial<RelayDeps> = {}) {
  const database = await openSqlite([OutboxRow, OutboxLane])
  const clock = createManualClock(START)
  const deps = { clock, randomness: systemRandomness }
  const settings = { pollMilliseconds: 5, ...options.settings }
  const { receivers = {} } = options
  const relay = createRelay({ database, log: silentLog, ...deps, receivers, settings })
  const outbox = createOutbox({ ...deps, wake: relay.wake })
  return {
    database,
    clock,
    relay,
    send: (message: Partial<Message>) =>
      transactional(database.acrossTenants(), (tx) =>
        outbox.send(tx, { receiver: 'ai', kind: 'k', aggregate: 'a', payload: {}, ...message }),
      ),
    [Symbol.asyncDispose]: async () => {
      await relay.stop()
      await database.close()
    },
  }
}

const rowsOf = (database: TestDatabase) =>
  database.acrossTenants().find(OutboxRow, {}, { orderBy: { id: 'asc' } })

/** A receiver that refuses the messages whose payload it is told to refuse. */
function createReceiver(isBad: (delivery: OutboxDelivery) => boolean = () => false) {
  const batches: string[][] = []
  return {
    batches,
    payloads: () => batches.flat(),
    deliver: async (rows: readonly OutboxDelivery[]) => {
      const stopped = new Set<string>()
      const good = rows.filter((row) => {
        if (isBad(row)) stopped.add(row.aggregate)
        return !stopped.has(row.aggregate)
      })
      batches.push(good.map(({ payload }) => payload))
      return good.map(({ key }) => key)
    },
  }
}

test('a message arrives as canonical JSON, with key, kind, aggregate and time, and is marked sent', async () => {
  const seen: OutboxDelivery[] = []
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    seen.push(...rows)
    return rows.map(({ key }) => key)
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  world.relay.start()
  const key = await world.send({
    payload: { b: 1, a: [2, { d: 3, c: 'é' }] },
    aggregate: 'guild:1',
  })
  await waitFor(async () => (await world.relay.waiting('ai')) === 0)
  const payload = '{"a":[2,{"c":"é","d":3}],"b":1}'
  expect(seen).toEqual([{ key, kind: 'k', aggregate: 'guild:1', payload, at: START }])
  expect(await rowsOf(world.database)).toMatchObject([{ sentAt: START, attempts: 1 }])
})

test('messages to a receiver that is not there wait, and go out when it is', async () => {
  const receiver = createReceiver()
  await using world = await openWorld({ receivers: { ai: receiver } })
  await world.send({ receiver: 'audit' })
  world.relay.start()
  await world.send({ payload: 1 })
  await waitFor(() => receiver.payloads().length === 1)
  expect(await world.relay.waiting('audit')).toBe(1)
  const audit = createReceiver()
  const { database, clock } = world
  const receivers = { audit }
  const deps = { database, clock, receivers, randomness: systemRandomness, log: silentLog }
  const later = createRelay(deps)
  later.start()
  await waitFor(async () => (await later.waiting('audit')) === 0)
  await later.stop()
  expect(audit.payloads()).toHaveLength(1)
})

test('an aggregate whose message was refused waits; the others go on; then all arrive in order', async () => {
  let isBroken = true
  const receiver = createReceiver(({ payload }) => isBroken && payload === '"a1"')
  await using world = await openWorld({ receivers: { ai: receiver } })
  for (const payload of ['a1', 'b1', 'a2', 'b2'])
    await world.send({ aggregate: payload[0] ?? '', payload })
  world.relay.start()
  await waitFor(() => receiver.payloads().length === 2)
  await world.send({ aggregate: 'a', payload: 'a3' })
  await world.send({ aggregate: 'c', payload: 'c1' })
  await waitFor(() => receiver.payloads().length === 3)
  expect(receiver.payloads()).toEqual(['"b1"', '"b2"', '"c1"'])
  expect(await rowsOf(world.database)).toMatchObject([
    { attempts: 1, lastError: 'OUTBOX_NOT_ACCEPTED', sentAt: null },
    { attempts: 1, lastError: null, sentAt: START },
    { attempts: 0, sentAt: null },
    { sentAt: START },
    { attempts: 0, sentAt: null },
    { sentAt: START },
  ])
  isBroken = false
  world.clock.advance(60_000)
  await waitFor(() => receiver.payloads().length === 6)
  expect(receiver.payloads().slice(3)).toEqual(['"a1"', '"a2"', '"a3"'])
})

test('one message that makes a delivery fail whole stops only its own aggregate', async () => {
  const good = createReceiver()
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    if (rows.some(({ payload }) => payload === '"poison"')) throw new Error('500')
    return good.deliver(rows)
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  const payloads = ['x', 'poison', 'y', 'z']
  for (const payload of payloads) await world.send({ aggregate: payload, payload })
  world.relay.start()
  await waitFor(() => good.payloads().length === 3)
  expect(good.payloads()).toEqual(['"x"', '"y"', '"z"'])
  expect(await world.relay.waiting('ai')).toBe(1)
})

test('a receiver that is down is asked again after a pause, not without end', async () => {
  let tries = 0
  let isDown = true
  const good = createReceiver()
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    tries += 1
    if (isDown) throw new Error('connection refused')
    return good.deliver(rows)
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  for (let n = 0; n < 10; n++) await world.send({ aggregate: `a${n}`, payload: n })
  world.relay.start()
  // The whole batch, then three aggregates alone.
  await waitFor(() => tries === 4)
  world.relay.wake('ai')
  await waitFor(
    async () => (await rowsOf(world.database)).filter((row) => row.attempts > 0).length === 3,
  )
  expect(tries).toBe(4)
  isDown = false
  world.clock.advance(60_000)
  await waitFor(async () => (await world.relay.waiting('ai')) === 0)
  expect(good.payloads().sort()).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`))
})

const refusal = () => new DomainError('INTERNAL_SERVER_ERROR', 'It broke.')

test('a receiver that answers is not down: refused messages at the head keep no other waiting', async () => {
  const good = createReceiver()
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    if (rows.some(({ payload }) => payload === '"poison"')) throw refusal()
    return good.deliver(rows)
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  for (const aggregate of ['p1', 'p2', 'p3', 'p4'])
    await world.send({ aggregate, payload: 'poison' })
  await world.send({ aggregate: 'x', payload: 'x' })
  world.relay.start()
  await waitFor(() => good.payloads().length === 1)
  expect(await world.relay.waiting('ai')).toBe(4)
})

test('a receiver that refuses everything is not asked without end', async () => {
  let tries = 0
  const deliver = async () => {
    tries += 1
    throw refusal()
  }
  const settings = { pollMilliseconds: 60_000 }
  await using world = await openWorld({ receivers: { ai: { deliver } }, settings })
  for (let n = 0; n < 60; n++) await world.send({ aggregate: `a${n}`, payload: n })
  world.relay.start()
  await waitFor(
    async () => (await rowsOf(world.database)).filter((row) => row.attempts > 0).length === 20,
  )
  await world.relay.stop()
  expect(tries).toBe(21)
})

test('a message refused twenty times is poisoned: counted, tried about hourly, until it is taken', async () => {
  let isBroken = true
  const good = createReceiver()
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    if (isBroken) throw refusal()
    return good.deliver(rows)
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  await world.send({ payload: 'one' })
  await world.send({ payload: 'two' })
  world.relay.start()
  const first = async () => (await rowsOf(world.database))[0]
  for (let attempt = 1; attempt <= 20; attempt++) {
    await waitFor(async () => (await first())?.attempts === attempt)
    expect(await world.relay.poisoned()).toBe(attempt < 20 ? 0 : 1)
    if (attempt < 20) world.clock.advance(60_000)
  }
  const pause = ((await first())?.nextTryAt.getTime() ?? 0) - world.clock.now().getTime()
  expect(pause).toBeGreaterThanOrEqual(1_800_000)
  expect(pause).toBeLessThanOrEqual(3_600_000)
  isBroken = false
  world.clock.advance(3_600_000)
  await waitFor(() => good.payloads().length === 2)
  expect(good.payloads()).toEqual(['"one"', '"two"'])
  world.clock.advance(10_000)
  expect(await world.relay.poisoned()).toBe(0)
})

test.each([
  new Error('connection refused'),
  databaseError('DATABASE_UNREACHABLE'),
  databaseError('DATABASE_BUSY'),
  databaseError('DATABASE_FULL'),
  // Clocks or secrets that differ say nothing of the message.
  new DomainError('SERVICE_TOKEN_EXPIRED', 'The service token is too old.'),
  new DomainError('SERVICE_TOKEN_INVALID', 'The service token is none of ours.'),
])('an outage (%s), however long, poisons nothing', async (outage) => {
  let tries = 0
  const deliver = async () => {
    tries += 1
    throw outage
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  await world.send({})
  world.relay.start()
  for (let round = 1; round <= 25; round++) {
    await waitFor(() => tries >= round)
    world.clock.advance(60_000)
  }
  expect((await rowsOf(world.database))[0]?.attempts).toBe(10)
  expect(await world.relay.poisoned()).toBe(0)
})

test('more waiting aggregates than one look leaves out keep nobody behind them waiting', async () => {
  const receiver = createReceiver(({ payload }) => payload === '"bad"')
  const settings = { batchLimit: 50 }
  await using world = await openWorld({ receivers: { ai: receiver }, settings })
  await transactional(world.database.acrossTenants(), async (tx) => {
    const common = { receiver: 'ai', kind: 'k', at: START, attempts: 0 }
    const add = (aggregate: string, key: string, nextTryAt: Date) =>
      tx.persist(
        tx.create(OutboxRow, { ...common, aggregate, key, payload: '"held"', nextTryAt } as never),
      )
    for (let n = 0; n < 600; n++) {
      add(`w${n}`, `first-${n}`, new Date(START.getTime() + 60_000))
      add(`w${n}`, `second-${n}`, START)
    }
  })
  await world.send({ aggregate: 'free', payload: 'free' })
  world.relay.start()
  await waitFor(() => receiver.payloads().length > 0)
  expect(receiver.payloads()).toEqual(['"free"'])
})

test('a receiver that hangs keeps no other waiting', async () => {
  const good = createReceiver()
  const hangs = { deliver: () => new Promise<never>(() => {}) }
  await using world = await openWorld({ receivers: { ai: hangs, audit: good } })
  await world.send({ receiver: 'ai', payload: 'held' })
  world.relay.start()
  for (const payload of ['x', 'y', 'z']) {
    await world.send({ receiver: 'audit', payload })
    await waitFor(() => good.payloads().includes(`"${payload}"`))
  }
  expect(await world.relay.waiting('ai')).toBe(1)
})

test('a receiver that does not answer is given up after its time and tried again', async () => {
  let tries = 0
  const signals: AbortSignal[] = []
  const deliver = async (rows: readonly OutboxDelivery[], signal: AbortSignal) => {
    tries += 1
    signals.push(signal)
    if (tries === 1) await new Promise<void>(() => {})
    return rows.map(({ key }) => key)
  }
  const settings = { deliverMilliseconds: 10 }
  await using world = await openWorld({ receivers: { ai: { deliver } }, settings })
  await world.send({})
  world.relay.start()
  await waitFor(async () => (await rowsOf(world.database))[0]?.lastError === 'OUTBOX_TIMED_OUT')
  expect(signals[0]?.aborted).toBe(true)
  world.clock.advance(60_000)
  await waitFor(async () => (await world.relay.waiting('ai')) === 0)
})

test('stopping breaks off a delivery without holding its message against it', async () => {
  const started = Promise.withResolvers<void>()
  const deliver = async () => {
    started.resolve()
    return new Promise<never>(() => {})
  }
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  await world.send({})
  world.relay.start()
  await started.promise
  await world.relay.stop()
  expect(await rowsOf(world.database)).toMatchObject([{ attempts: 0, sentAt: null }])
})

test('keys that were never sent count for nothing', async () => {
  const deliver = async () => ['forged']
  await using world = await openWorld({ receivers: { ai: { deliver } } })
  await world.send({})
  world.relay.start()
  await waitFor(async () => (await rowsOf(world.database))[0]?.attempts === 1)
  expect(await world.relay.waiting('ai')).toBe(1)
})

test('a message whose key was used is not sent twice, whatever else the transaction does', async () => {
  await using world = await openWorld()
  await world.send({ key: 'order-1', payload: 1 })
  await world.send({ key: 'order-1', payload: 2 })
  expect(await rowsOf(world.database)).toMatchObject([{ key: 'order-1', payload: '1' }])
})

test('pruning forgets what was sent before a time, never what waits', async () => {
  const receiver = createReceiver()
  await using world = await openWorld({ receivers: { ai: receiver } })
  world.relay.start()
  await world.send({})
  await world.send({ receiver: 'audit' })
  await waitFor(async () => (await world.relay.waiting('ai')) === 0)
  expect(await world.relay.prune(START)).toBe(0)
  expect(await world.relay.prune(new Date(START.getTime() + 1))).toBe(1)
  expect(await world.relay.waiting('audit')).toBe(1)
})

test.each([
  ['no payload', { payload: undefined }],
  ['a payload over 60 kB', { payload: 'x'.repeat(60_000) }],
  ['half a character', { payload: '\ud800' }],
  ['an empty receiver', { receiver: '' }],
  ['an aggregate of 101 characters', { aggregate: 'a'.repeat(101) }],
  ['a kind with a space', { kind: 'two words' }],
  ['a key of 65 characters', { key: 'k'.repeat(65) }],
])('%s is refused with OUTBOX_INVALID', async (_case, message) => {
  await using world = await openWorld()
  await expect(world.send(message)).rejects.toMatchObject({ code: 'OUTBOX_INVALID' })
  expect(await rowsOf(world.database)).toEqual([])
})

test('a relay that stops while it looks for messages delivers none, and nothing of that goes unheard', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => void unheard.push(reason)
  process.on('unhandledRejection', hear)
  try {
    for (let turn = 0; turn < 10; turn += 1) {
      const ai = { deliver: () => Promise.reject(new Error('must not be asked')) }
      await using world = await openWorld({ receivers: { ai } })
      await world.send({ payload: { turn } })
      world.relay.start()
      await world.relay.stop()
      const [row] = await rowsOf(world.database)
      expect(row).toMatchObject({ attempts: 0, sentAt: null })
    }
    await new Promise((resume) => setImmediate(resume))
    expect(unheard).toEqual([])
  } finally {
    process.off('unhandledRejection', hear)
  }
})

test('messages that follow each other closely travel together, and the first of them at once', async () => {
  const receiver = createReceiver()
  const sizes: number[] = []
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    sizes.push(rows.length)
    return receiver.deliver(rows)
  }
  const settings = { breathMilliseconds: 300, pollMilliseconds: 60_000 }
  await using world = await openWorld({ receivers: { ai: { deliver } }, settings })
  world.relay.start()
  await waitFor(async () => (await world.relay.waiting('ai')) === 0)
  await new Promise((resume) => setTimeout(resume, 350))
  const began = performance.now()
  await world.send({ payload: 'first' })
  world.relay.wake('ai')
  await waitFor(() => sizes.length === 1)
  expect(performance.now() - began).toBeLessThan(250)
  for (let index = 0; index < 5; index += 1) {
    await world.send({ payload: `next ${index}` })
    world.relay.wake('ai')
  }
  await waitFor(() => receiver.payloads().length === 6)
  expect(sizes).toEqual([1, 5])
})

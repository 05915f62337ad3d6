import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import type { EventsSettings } from '#kernel/events/events.ts'
import { createRedisFront, type RedisFront } from '#kernel/events/redis-front.ts'
import type { LiveEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import { packEvents } from '#kernel/events/stream-entry.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog, type Logger } from '#kernel/log.ts'
import { moved, type Process, startProcess, take } from '../kernel/events/feed-kit.ts'
import { describeEventFront } from '../kernel/events/front-suite.ts'
import { describeResume } from '../kernel/events/resume-suite.ts'
import { openMariadb, silentLog, type TestDatabase } from '../kit/database.ts'
import { type OwnRedis, startOwnRedis } from '../kit/own-redis.ts'

const PREFIX = 'test:'
const STREAM = `${PREFIX}events:analytics`
/** So seldom that what arrives in a test did not come from the poller. */
const NO_POLLER: EventsSettings = { pollMilliseconds: 600_000 }
const AS_IN_PRODUCTION: EventsSettings = { pollMilliseconds: 1_000 }

const forever = new AbortController().signal
const ascending = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i)
const until = (holds: () => void) => vi.waitFor(holds, { timeout: 15_000, interval: 10 })

let redis: OwnRedis
let database: TestDatabase
let topics = 0
const newTopic = () => `prices:${++topics}`
beforeAll(async () => {
  redis = await startOwnRedis()
  database = await openMariadb([EventTopic, EventRow])
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
})

/** A front as one process holds it. */
const createFront = (log: Logger = silentLog): RedisFront =>
  createRedisFront({
    redis: { url: redis.url, prefix: PREFIX },
    subgraph: 'analytics',
    log,
    randomness: systemRandomness,
  })

type OpenFront = RedisFront & AsyncDisposable

function openFront(log?: Logger): OpenFront {
  const front = createFront(log)
  return { ...front, [Symbol.asyncDispose]: front.close }
}

/** Sequences that a front tells of a topic, in the order in which it does. */
async function hear(front: RedisFront, topic: string): Promise<number[]> {
  const heard: number[] = []
  await front.listen(topic, (events) => heard.push(...events.map(({ seq }) => seq)))
  return heard
}

function recordLog() {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const log = createLog({ level: 'debug', name: 'test', destination: { write } })
  return { log, lines, saying: (msg: string) => lines.filter((line) => line.msg === msg) }
}

function stored(topic: string, seq: number): StoredEvent {
  const place = { epoch: 'an-epoch', seq }
  return { topic, ...place, type: 'price-moved', payload: { price: seq }, at: new Date(5) }
}

const entry = (events: readonly StoredEvent[]) => ['by', 'another', 'events', ...packEvents(events)]

describeEventFront('Redis on MariaDB', {
  openDatabase: (entities) => openMariadb(entities),
  createFront,
  runs: 10,
})

describeResume('going on, by Redis on MariaDB', {
  openDatabase: (entities) => openMariadb(entities),
  createFront,
})

test('another process hears whole events at once, also when all was emptied, and has them at hand', async () => {
  await using here = openFront()
  await using there = openFront()
  const topic = newTopic()
  const events = ascending(250).map((seq) => stored(topic, seq))
  const told: StoredEvent[] = []
  await there.listen(topic, (some) => told.push(...some))
  await until(() => expect(here.isConnected()).toBe(true))
  await here.announce(events)
  await until(() => expect(told).toEqual(events))
  expect(await there.recent?.(topic, { afterSeq: 100, limit: 3 })).toEqual(events.slice(100, 103))
  await redis.flush()
  await here.announce([stored(topic, 251)])
  await until(() => expect(told.at(-1)).toEqual(stored(topic, 251)))
})

test('the own process hears its announcement once; what it says of another subgraph nobody here hears', async () => {
  await using here = openFront()
  const topic = newTopic()
  const heard = await hear(here, topic)
  await redis.command('xadd', `${PREFIX}events:identity`, '*', ...entry([stored(topic, 7)]))
  await here.announce([stored(topic, 1)])
  expect(heard).toEqual([1])
  await redis.command('xadd', STREAM, '*', ...entry([stored(topic, 2)]))
  await until(() => expect(heard).toEqual([1, 2]))
})

test('10,000 events of two processes on 20 topics: each subscriber of each gets each once, in order', async () => {
  await using here = startProcess(database, createFront(), AS_IN_PRODUCTION)
  await using there = startProcess(database, createFront(), AS_IN_PRODUCTION)
  const feeds = ascending(20).map(newTopic)
  const reading = await followAll([here, there], feeds, 500)
  const publish = async (process: Process, topic: string) => {
    for (const price of ascending(5)) {
      await process.publish(ascending(50).map(() => moved(topic, price)))
    }
  }
  for (const topic of feeds) await Promise.all([publish(here, topic), publish(there, topic)])
  for (const received of await Promise.all(reading)) expect(received).toEqual(ascending(500))
})

/** Subscribes in each process to each topic; each reading resolves with the first `count` sequences. */
async function followAll(processes: readonly Process[], feeds: readonly string[], count: number) {
  const streams = processes.flatMap(({ events }) =>
    feeds.map((topic) => events.open(topic, { signal: forever })),
  )
  return (await Promise.all(streams)).map(async (stream) =>
    (await take(stream, count)).map(({ seq }) => seq),
  )
}

test('nothing is lost or doubled while Redis is emptied, killed and started again', async () => {
  const fronts = [createFront(), createFront()] as const
  await using here = startProcess(database, fronts[0], AS_IN_PRODUCTION)
  await using there = startProcess(database, fronts[1], AS_IN_PRODUCTION)
  const feeds = ascending(3).map(newTopic)
  const reading = await followAll([here, there], feeds, 160)
  const disturbances: Record<number, () => Promise<unknown>> = {
    8: redis.flush,
    16: redis.stop,
    24: redis.start,
    32: () => until(() => expect(fronts.every((front) => front.isConnected())).toBe(true)),
  }
  for (const round of ascending(40)) {
    await disturbances[round]?.()
    for (const topic of feeds) {
      const events = [moved(topic, round), moved(topic, round)]
      await Promise.all([here.publish(events), there.publish(events)])
    }
  }
  for (const received of await Promise.all(reading)) expect(received).toEqual(ascending(160))
})

test('while Redis is away the own subscribers hear at once, others by the poller, and each commit goes quickly', async () => {
  const { log, saying } = recordLog()
  await using here = startProcess(database, createFront(), NO_POLLER)
  await using there = startProcess(database, createFront(log), AS_IN_PRODUCTION)
  const topic = newTopic()
  const own = await here.events.open(topic, { signal: forever })
  const other = await there.events.open(topic, { signal: forever })
  await redis.stop()
  await until(() => expect(saying('Redis is out of reach').length).toBeGreaterThan(1))
  const began = performance.now()
  await here.publish([moved(topic, 1), moved(topic, 2)])
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(await take(own, 2)).toHaveLength(2)
  expect(await take(other, 2)).toHaveLength(2)
  await redis.start()
})

test('a Redis that does not answer is given up within a second, and used again when it does', async () => {
  await using here = openFront()
  await using there = openFront()
  const topic = newTopic()
  const [own, other] = [await hear(here, topic), await hear(there, topic)]
  await here.announce([stored(topic, 1)])
  await until(() => expect(other).toEqual([1]))
  redis.freeze()
  const began = performance.now()
  const refused = here.announce([stored(topic, 2)])
  await expect(refused).rejects.toMatchObject({ code: 'EVENTS_NOT_ANNOUNCED' })
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(own).toEqual([1, 2])
  await until(() => expect([here.isConnected(), there.isConnected()]).toEqual([false, false]))
  redis.thaw()
  await until(() => expect([here.isConnected(), there.isConnected()]).toEqual([true, true]))
  await here.announce([stored(topic, 3)])
  await until(() => expect(other.at(-1)).toBe(3))
})

test('a Redis that is full is told, on a connection that is well, until it takes what is written', async () => {
  await using here = openFront()
  const topic = newTopic()
  const own = await hear(here, topic)
  await until(() => expect(here.isConnected()).toBe(true))
  await redis.command('config', 'set', 'maxmemory', '1')
  try {
    const refused = here.announce([stored(topic, 1)])
    await expect(refused).rejects.toMatchObject({ code: 'EVENTS_NOT_ANNOUNCED' })
    for (const wait of [0, 200]) {
      await new Promise((resume) => setTimeout(resume, wait))
      expect(here.isConnected()).toBe(false)
    }
    expect(own).toEqual([1])
  } finally {
    await redis.command('config', 'set', 'maxmemory', '0')
  }
  await until(() => expect(here.isConnected()).toBe(true))
})

test('a front may be made before Redis is there', async () => {
  await redis.stop()
  await using here = openFront()
  await using there = openFront()
  const topic = newTopic()
  const heard = await hear(there, topic)
  const refused = here.announce([stored(topic, 1)])
  await expect(refused).rejects.toMatchObject({ code: 'EVENTS_NOT_ANNOUNCED' })
  await redis.start()
  await until(() => expect([here.isConnected(), there.isConnected()]).toEqual([true, true]))
  // The reader takes its place a moment after the connection stands.
  let seq = 1
  await until(async () => {
    await here.announce([stored(topic, ++seq)])
    expect(heard).toContain(seq)
  })
})

test('closing takes no longer while Redis hangs, is away, or was never reached', async () => {
  const [hanging, away] = [createFront(), createFront()]
  await until(() => expect([hanging, away].every((one) => one.isConnected())).toBe(true))
  const close = async (front: RedisFront) => {
    const began = performance.now()
    await front.close()
    expect(performance.now() - began).toBeLessThan(2_000)
  }
  redis.freeze()
  await Promise.all([close(hanging), close(createFront())])
  redis.thaw()
  await redis.stop()
  await until(() => expect(away.isConnected()).toBe(false))
  await close(away)
  await redis.start()
})

test('a stream trimmed below a reader’s place leaves a hole that the table fills', async () => {
  const silent = { ...createFront(), announce: async () => {} }
  await using here = startProcess(database, silent, NO_POLLER)
  await using there = startProcess(database, createFront(), NO_POLLER)
  const topic = newTopic()
  const stream = await there.events.open(topic, { signal: forever })
  const events = await here.publish(ascending(5).map((price) => moved(topic, price)))
  const adds = events.map((event) => `redis.call('xadd', KEYS[1], '*', unpack(${lua(event)}))`)
  const script = [...adds, `redis.call('xtrim', KEYS[1], 'maxlen', 1)`].join('\n')
  await redis.command('eval', script, 1, STREAM)
  expect(await take(stream, 5)).toEqual(events)
})

/** An entry as a list in Lua. */
const lua = (event: StoredEvent) => `{${entry([event]).map((text) => `[==[${text}]==]`)}}`

test('a stream that came back with lower ids is followed anew, and what stood in it comes from the table', async () => {
  const { log, saying } = recordLog()
  const silent = { ...createFront(), announce: async () => {} }
  await using here = startProcess(database, silent, NO_POLLER)
  await using there = startProcess(database, createFront(log), NO_POLLER)
  const topic = newTopic()
  const stream = await there.events.open(topic, { signal: forever })
  const events = await here.publish(ascending(3).map((price) => moved(topic, price)))
  const [first, second, third] = events as readonly [LiveEvent, LiveEvent, LiveEvent]
  await redis.command('xadd', STREAM, '*', ...entry([first]))
  expect(await stream.next()).toEqual({ done: false, value: first })
  await redis.command('del', STREAM)
  await redis.command('xadd', STREAM, '1-1', ...entry([second]))
  await until(() => expect(saying('a stream began anew')).toMatchObject([{ end: '1-1' }]))
  await redis.command('xadd', STREAM, '1-2', ...entry([third]))
  expect(await take(stream, 2)).toEqual([second, third])
  expect(saying('a stream began anew')).toHaveLength(1)
})

const good = { topic: 't', epoch: 'e', seq: 1, type: 'x', payload: null, at: 1 }
const GARBAGE: Record<string, readonly string[]> = {
  'no field of ours': ['price', '2.10'],
  'a value in place of a field': ['x', 'events', 'y', 'z'],
  'no JSON': ['events', '[{"topic"'],
  'no list': ['events', JSON.stringify(good)],
  'a topic that is none': ['events', JSON.stringify([{ ...good, topic: 'a b' }])],
  'an epoch too long': ['events', JSON.stringify([{ ...good, epoch: 'e'.repeat(23) }])],
  'a sequence that is no number': ['events', JSON.stringify([{ ...good, seq: '1' }])],
  'a sequence of 0': ['events', JSON.stringify([{ ...good, seq: 0 }])],
  'a sequence beyond counting': ['events', JSON.stringify([{ ...good, seq: 2 ** 53 }])],
  'no payload': ['events', JSON.stringify([{ ...good, payload: undefined }])],
  'a time that is none': ['events', JSON.stringify([{ ...good, at: 9e15 }])],
  'one bad event among good ones': ['events', JSON.stringify([good, { ...good, type: '' }])],
  'too much': ['events', JSON.stringify([{ ...good, payload: 'x'.repeat(300_000) }])],
}

test('entries that are not ours are logged and passed over, and what follows is heard', async () => {
  const { log, saying } = recordLog()
  await using front = openFront(log)
  const [topic, badly] = [newTopic(), await hear(front, 't')]
  const heard = await hear(front, topic)
  const ids: unknown[] = []
  for (const fields of Object.values(GARBAGE)) {
    ids.push(await redis.command('xadd', STREAM, '*', ...fields))
  }
  await redis.command('xadd', STREAM, '*', ...entry([stored(topic, 1)]))
  await until(() => expect(heard).toEqual([1]))
  const passedOver = saying('entries of a stream were passed over')
  expect(passedOver.flatMap(({ entries }) => entries)).toEqual(ids)
  expect(badly).toEqual([])
})

test('a stream that is something else is said once, not read in a hurry, and followed when it is one again', async () => {
  const { log, lines, saying } = recordLog()
  await using front = openFront(log)
  const topic = newTopic()
  const heard = await hear(front, topic)
  await redis.command('set', STREAM, 'not a stream')
  await until(() => expect(saying('a stream is not read')).toHaveLength(1))
  const asked = async () => {
    const stats = String(await redis.command('info', 'commandstats'))
    return Number(/cmdstat_xrevrange:calls=(\d+)/.exec(stats)?.[1])
  }
  const [before, began] = [await asked(), performance.now()]
  await until(async () => expect(await asked()).toBeGreaterThan(before + 3))
  const perSecond = ((await asked()) - before) / ((performance.now() - began) / 1_000)
  expect(perSecond).toBeLessThan(15)
  await redis.command('del', STREAM)
  let seq = 0
  await until(async () => {
    await redis.command('xadd', STREAM, '*', ...entry([stored(topic, ++seq)]))
    expect(heard).toContain(seq)
  })
  expect(lines.filter(({ level }) => level === 50)).toHaveLength(1)
})

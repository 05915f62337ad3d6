import { expect, test } from 'vitest'
import { resumeExtensions, resumeOf } from '#gateway/engine/resume-of.ts'
import type { ReaderStream } from '#gateway/live/reader-stream.ts'
import { readerOf } from '#gateway/live/reader-stream.ts'
import { federatedWorld, type Loaded, loadWorld } from '../engine/federated-world.ts'
import { createFollowers, type FollowOptions } from '../engine/follow.ts'
import { createProducer, desk, type Producer, settle, underWay } from './desk.ts'

const loaded: Loaded = await loadWorld(federatedWorld({ desk }))
const MOVED = 'subscription { moved { id odds } }'

/** The producer's streams as a subgraph of the platform tells them: the first event says how it went. */
function telling(producer: Producer, recovered: boolean) {
  const wishes: unknown[] = []
  const stream: FollowOptions['stream'] = async function* (viewer, name, request, signal) {
    const { resume, orLive } = request.extensions ?? {}
    wishes.push({ resume, orLive })
    const isAnew = orLive === true && !recovered
    const from = isAnew ? { ...request, extensions: {} } : request
    let isFirst = orLive === true
    for await (const answer of producer.stream(viewer, name, from, signal)) {
      const told = { ...answer.extensions, recovered }
      yield isFirst ? { ...answer, extensions: told } : answer
      isFirst = false
    }
  }
  return { stream, wishes }
}

function openDesk(producer: Producer, recovered: boolean) {
  const { follow } = createFollowers(loaded)
  const { stream, wishes } = telling(producer, recovered)
  const subscribe = async (extensions: Record<string, unknown> = {}, conflateMs = 0) => {
    const resume = resumeOf(extensions)
    return (await underWay(follow({ query: MOVED, stream, resume, conflateMs }))) as ReaderStream
  }
  return { subscribe, wishes }
}

/** What the next events say beside their data. */
async function marksOf(reader: ReaderStream, count: number) {
  const marks: unknown[] = []
  for (let read = 0; read < count; read++) {
    const { value } = await reader.next()
    marks.push(value?.extensions)
  }
  return marks
}

const GO_ON = { resume: 'c1', orLive: true }

test('one that goes on in any case is told what is before it, its neighbours are not, and then they share a stream', async () => {
  const producer = createProducer()
  producer.happen('a', 1)
  const { subscribe, wishes } = openDesk(producer, false)
  const neighbour = await subscribe()
  const first = neighbour.next()
  await settle()
  const anew = await subscribe(GO_ON)
  const begun = anew.next()
  await settle()
  producer.happen('a', 2)
  await settle()
  expect((await first).value?.extensions).toEqual({ cursor: 'c2' })
  expect((await begun).value?.extensions).toEqual({ cursor: 'c2', recovered: false })
  producer.happen('a', 3)
  expect(await marksOf(neighbour, 1)).toEqual([{ cursor: 'c3' }])
  expect(await marksOf(anew, 1)).toEqual([{ cursor: 'c3' }])
  expect(readerOf(anew)?.stream).toBe(readerOf(neighbour)?.stream)
  expect(wishes).toEqual([{}, GO_ON])
  expect(producer.listeners.size).toBe(1)
})

test('one whose history was whole hears so on its first event alone, and a late neighbour does not', async () => {
  const producer = createProducer()
  for (const odds of [1, 2, 3]) producer.happen('a', odds)
  const { subscribe } = openDesk(producer, true)
  const whole = await subscribe(GO_ON)
  expect(await marksOf(whole, 2)).toEqual([{ cursor: 'c2', recovered: true }, { cursor: 'c3' }])
  const plain = await subscribe({ resume: 'c2' })
  expect(await marksOf(plain, 1)).toEqual([{ cursor: 'c3' }])
  expect(producer.listeners.size).toBe(1)
})

test('a plain cursor never joins a stream that was to go on in any case before its first event', async () => {
  const producer = createProducer()
  for (const odds of [1, 2]) producer.happen('a', odds)
  const { subscribe, wishes } = openDesk(producer, false)
  const anew = await subscribe(GO_ON)
  const begun = anew.next()
  await settle()
  const plain = await subscribe({ resume: 'c1' })
  expect(await marksOf(plain, 1)).toEqual([{ cursor: 'c2' }])
  producer.happen('a', 3)
  expect((await begun).value?.extensions).toEqual({ cursor: 'c3', recovered: false })
  expect(wishes).toEqual([GO_ON, { resume: 'c1' }])
})

test('a stream that breaks off goes on by a plain cursor: nobody hears in its midst what was not asked', async () => {
  const producer = createProducer()
  producer.happen('a', 1)
  const { subscribe, wishes } = openDesk(producer, false)
  const anew = await subscribe(GO_ON)
  const begun = anew.next()
  await settle()
  producer.happen('a', 2)
  expect((await begun).value?.extensions).toEqual({ cursor: 'c2', recovered: false })
  producer.cut(new Error('cut'))
  producer.happen('a', 3)
  expect(await marksOf(anew, 1)).toEqual([{ cursor: 'c3' }])
  expect(wishes).toEqual([GO_ON, { resume: 'c2' }])
})

test('what is said is not left out with a state that another made stale', async () => {
  const producer = createProducer({ isOfStates: true })
  producer.happen('a', 1)
  const { subscribe } = openDesk(producer, false)
  const slow = await subscribe(GO_ON, 10)
  await settle()
  for (let odds = 2; odds <= 60; odds++) {
    producer.happen('a', odds)
    await settle(5)
  }
  await settle()
  expect(await marksOf(slow, 2)).toEqual([
    { cursor: 'c2', recovered: false },
    { cursor: 'c60', conflated: true },
  ])
})

test('the wish stands beside the cursor, and only a plain yes is one', () => {
  const asked = (extensions: Record<string, unknown> | null, lastEventId: string | null = null) =>
    resumeExtensions(resumeOf(extensions, lastEventId))
  expect(asked(GO_ON)).toEqual({ extensions: GO_ON })
  expect(asked({ orLive: true }, 'c9')).toEqual({ extensions: { resume: 'c9', orLive: true } })
  expect(asked({ resume: 'c1' }, 'c9')).toEqual({ extensions: { resume: 'c9' } })
  expect(asked({ resume: 'c1', orLive: 'true' })).toEqual({ extensions: { resume: 'c1' } })
  const inside = { after: 'c1', orLive: true }
  expect(asked({ resume: inside })).toEqual({ extensions: { resume: inside } })
  for (const nothing of [null, {}, { orLive: true }]) expect(asked(nothing)).toEqual({})
})

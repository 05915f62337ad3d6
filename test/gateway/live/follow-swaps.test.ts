import { beforeEach, expect, test } from 'vitest'
import type { LoadedSupergraph } from '#gateway/engine/load-supergraph.ts'
import { noLongerValid } from '#gateway/live/fan-out/follow-swaps.ts'
import type { SharedQuestion } from '#gateway/live/fan-out/shared-stream.ts'
import { federatedWorld, type Loaded, loadWorld } from '../engine/federated-world.ts'
import { createFollowers, type FollowOptions } from '../engine/follow.ts'
import { createProducer, cursorOf, desk, type Producer, settle } from './desk.ts'

const loaded: Loaded = await loadWorld(federatedWorld({ desk }))
const QUERY = 'subscription { moved { id odds } }'

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

/** A supergraph whose versions differ by name alone. */
function createVersions() {
  const listeners = new Set<(version: LoadedSupergraph) => void>()
  let current: LoadedSupergraph = loaded
  return {
    current: () => current,
    onSwap(listener: (version: LoadedSupergraph) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    swap(version: string) {
      current = { ...loaded, version }
      for (const listener of listeners) listener(current)
    },
  }
}

/** What was asked, by another version. */
const askedOf = (asked: SharedQuestion, { version }: LoadedSupergraph): SharedQuestion => ({
  ...asked,
  ...{ version, key: `${version} ${asked.key}` },
})
/** The same in another name: a stream of its own. */
const inAnotherName = (asked: SharedQuestion, version: LoadedSupergraph, asker: string) => {
  const question = askedOf(asked, version)
  return { ...question, asker, key: `${asker} ${question.key}` }
}

async function openWorld() {
  const supergraph = createVersions()
  const { follow } = createFollowers(loaded, {}, supergraph)
  const subscribe = async (judge: NonNullable<FollowOptions['judge']>, query = QUERY) => {
    const stream = await follow({ query, stream: producer.stream, judge })
    const told: unknown[] = []
    const read = async () => {
      for await (const { data, errors, extensions } of stream)
        told.push(errors?.[0]?.extensions.code ?? extensions?.by ?? data?.moved)
    }
    return { told, reading: read() }
  }
  return { supergraph, subscribe }
}

const event = (odds: number) => ({ id: 'a', odds })

test('who is judged while the supergraph is exchanged once more is judged by the last version', async () => {
  const { supergraph, subscribe } = await openWorld()
  const gate = Promise.withResolvers<void>()
  const { told, reading } = await subscribe(async (asked, version) => {
    if (version.version !== 'second') return noLongerValid()
    await gate.promise
    return inAnotherName(asked, version, 'another')
  })
  producer.happen('a', 1)
  await settle()
  supergraph.swap('second')
  await settle()
  supergraph.swap('third')
  gate.resolve()
  await reading
  expect(told).toEqual([event(1), 'SUBSCRIPTION_NO_LONGER_VALID'])
})

test('nothing is told until the last of several exchanges is judged', async () => {
  const { supergraph, subscribe } = await openWorld()
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  let judged = 0
  const { told } = await subscribe(async (asked, version) => {
    await gates[judged++]?.promise
    return askedOf(asked, version)
  })
  producer.happen('a', 1)
  await settle()
  supergraph.swap('second')
  await settle()
  supergraph.swap('third')
  gates[0]?.resolve()
  gates[1]?.resolve()
  await settle()
  expect(judged).toBe(3)
  producer.happen('a', 2)
  await settle()
  expect(told).toEqual([event(1)])
  gates[2]?.resolve()
  await settle()
  expect(told).toEqual([event(1), event(2)])
})

test('what comes while a stream is judged is told as the new version has it', async () => {
  const { supergraph, subscribe } = await openWorld()
  const gate = Promise.withResolvers<void>()
  const { told } = await subscribe(async (asked, version) => {
    await gate.promise
    const audience = {
      ...asked.audience,
      worded: (answer: object) => ({ ...answer, extensions: { by: version.version } }),
    }
    return { ...askedOf(asked, version), audience }
  })
  producer.happen('a', 1)
  await settle()
  supergraph.swap('second')
  producer.happen('a', 2)
  await settle()
  gate.resolve()
  await settle()
  expect(told).toEqual([event(1), 'second'])
})

test('who asks what a stream asks already stays in it when others leave it', async () => {
  const { supergraph, subscribe } = await openWorld()
  let isParted = false
  const staying = await subscribe(async (asked, version) => askedOf(asked, version))
  const leaving = await subscribe(async (asked, version) =>
    isParted ? inAnotherName(asked, version, 'another') : askedOf(asked, version),
  )
  producer.happen('a', 1)
  await settle()
  supergraph.swap('second')
  await settle()
  isParted = true
  // Once more by the same version, as when several exchanges are judged late.
  supergraph.swap('second')
  await settle()
  producer.happen('a', 2)
  await settle()
  expect(staying.told).toEqual([event(1), event(2)])
  expect(leaving.told).toEqual([event(1), event(2)])
  expect(producer.opened.map(({ resume }) => resume)).toEqual([null, cursorOf(1)])
})

test('subscribers are judged beside each other, of one stream and of many', async () => {
  const { supergraph, subscribe } = await openWorld()
  const gate = Promise.withResolvers<void>()
  let waiting = 0
  const judge: NonNullable<FollowOptions['judge']> = async (asked, version) => {
    waiting++
    await gate.promise
    return askedOf(asked, version)
  }
  const queries = [QUERY, QUERY, 'subscription { moved { odds id } }']
  const all = await Promise.all(queries.map((query) => subscribe(judge, query)))
  producer.happen('a', 1)
  await settle()
  supergraph.swap('second')
  await settle()
  expect(waiting).toBe(queries.length)
  gate.resolve()
  await settle()
  producer.happen('a', 2)
  await settle()
  for (const { told } of all) expect(told).toEqual([event(1), event(2)])
  expect(producer.opened).toHaveLength(2)
})

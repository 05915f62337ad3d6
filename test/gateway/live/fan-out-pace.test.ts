import { beforeEach, describe, expect, test } from 'vitest'
import { createProducer, cursorOf, type Producer, settle } from './desk.ts'
import { createDesk, MOVED } from './desk-followers.ts'

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

describe('a reader that is slow', () => {
  test('of what happened is let go with a code when it has fallen too far behind, and can go on', async () => {
    const { subscribe } = createDesk(producer, { events: 100 })
    const quick = subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 150; odds++) {
      producer.happen('a', odds)
      if (odds % 10 === 0) await settle(5)
    }
    await settle()
    slow.go()
    await slow.reading
    expect(slow.odds()).toEqual([1])
    expect(slow.codes()).toEqual(['SUBSCRIBER_TOO_SLOW'])
    const cursor = slow.seen[0]?.extensions?.cursor
    const again = subscribe(MOVED, { resume: cursor })
    await settle()
    producer.happen('a', 151)
    await settle(100)
    expect(again.odds()).toEqual(Array.from({ length: 150 }, (_, index) => index + 2))
    expect(quick.odds()).toHaveLength(151)
    expect(producer.listeners.size).toBe(1)
  })

  test('within the bounds misses nothing', async () => {
    const { subscribe } = createDesk(producer, { events: 100 })
    subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 90; odds++) producer.happen('a', odds)
    await settle(100)
    slow.go()
    await settle(100)
    expect(slow.odds()).toEqual(Array.from({ length: 90 }, (_, index) => index + 1))
    expect(slow.seen.some(({ extensions }) => extensions?.conflated)).toBe(false)
  })

  test('of states gets the latest of each thing, marked, and is never let go', async () => {
    const states = createProducer({ isOfStates: true })
    const { subscribe } = createDesk(states, { events: 50 })
    const quick = subscribe(MOVED)
    const slow = subscribe(MOVED)
    slow.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 300; odds++) {
      states.happen(['a', 'b', 'c'][odds % 3] ?? 'a', odds)
      if (odds % 10 === 0) await settle(10)
    }
    states.happen('once', 301)
    for (let odds = 302; odds <= 400; odds++) {
      states.happen('c', odds)
      if (odds % 10 === 0) await settle(10)
    }
    await settle(100)
    slow.go()
    await settle(100)
    expect(
      slow.seen.map(({ data, extensions }) => [
        data.moved?.id,
        data.moved?.odds,
        extensions?.conflated ?? false,
      ]),
    ).toEqual([
      ['b', 1, false],
      ['b', 298, true],
      ['a', 300, true],
      ['once', 301, true],
      ['c', 400, true],
    ])
    expect(slow.seen.at(-1)?.extensions).toEqual({ cursor: cursorOf(400), conflated: true })
    expect(quick.odds()).toHaveLength(400)
    states.happen('a', 401)
    await settle()
    expect(slow.seen.at(-1)).toMatchObject({ data: { moved: { odds: 401 } } })
    expect(slow.seen.at(-1)?.extensions).not.toHaveProperty('conflated')
  })

  test('sets no pace for others, and the furthest of them does', async () => {
    const { subscribe } = createDesk(producer, { events: 1000 })
    const [one, other] = [subscribe(MOVED), subscribe(MOVED)]
    one.state.isPaused = true
    other.state.isPaused = true
    await settle()
    for (let odds = 1; odds <= 300; odds++) producer.happen('a', odds)
    await settle(300)
    expect((await one.shared())?.history.head()).toBe(66)
    other.go()
    await settle(600)
    expect(other.odds()).toHaveLength(300)
    expect(one.odds()).toHaveLength(1)
  })
})

test('a subscriber that joins where all others have stopped reading is told what comes', async () => {
  const { subscribe } = createDesk(producer)
  const stalled = subscribe(MOVED)
  stalled.state.isPaused = true
  await settle()
  for (let odds = 1; odds <= 300; odds++) producer.happen('a', odds)
  await settle(300)
  const joined = subscribe(MOVED)
  await settle(600)
  expect(joined.odds().at(-1)).toBe(300)
  expect(stalled.odds()).toHaveLength(1)
  expect(producer.opened).toHaveLength(1)
})

test('a burst of states is told whole to whoever reads on', async () => {
  const states = createProducer({ isOfStates: true })
  const { subscribe } = createDesk(states)
  const { odds, seen } = subscribe(MOVED)
  await settle()
  for (let value = 1; value <= 250; value++) states.happen('a', value)
  await expect.poll(() => odds().length, { timeout: 10_000 }).toBe(250)
  expect(seen.some(({ extensions }) => extensions?.conflated)).toBe(false)
})

test('a subscriber that wishes so is told the latest states at its own pace', async () => {
  const states = createProducer({ isOfStates: true })
  const { subscribe } = createDesk(states)
  const paced = subscribe(MOVED, { conflateMs: 1_000 })
  const other = subscribe(MOVED)
  await settle()
  for (let odds = 1; odds <= 6; odds++) {
    states.happen('a', odds)
    states.happen('b', odds)
    await settle(3)
  }
  expect(paced.odds()).toEqual([1])
  await expect.poll(() => paced.odds().length, { timeout: 10_000 }).toBe(3)
  expect(
    paced.seen.map(({ data, extensions }) => [
      data.moved?.id,
      data.moved?.odds,
      extensions?.conflated ?? false,
    ]),
  ).toEqual([
    ['a', 1, false],
    ['a', 6, true],
    ['b', 6, true],
  ])
  expect(other.odds()).toHaveLength(12)
  expect(states.opened).toHaveLength(1)
})

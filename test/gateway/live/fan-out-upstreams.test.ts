import { beforeEach, describe, expect, test } from 'vitest'
import { gatewayError } from '#gateway/errors.ts'
import { createProducer, cursorOf, type Producer, settle } from './desk.ts'
import { createDesk, MOVED } from './desk-followers.ts'

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

describe('a stream of a subgraph', () => {
  const unreachable = gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: 'desk' })

  test('that breaks off is opened again after the last event', async () => {
    const { subscribe } = createDesk(producer)
    const { odds, codes } = subscribe(MOVED)
    await settle()
    producer.happen('a', 1)
    await settle()
    producer.cut(unreachable)
    producer.happen('a', 2)
    await expect.poll(odds).toEqual([1, 2])
    expect(producer.opened.map(({ resume }) => resume)).toEqual([null, cursorOf(1)])
    expect(codes()).toEqual([])
  })

  test('that breaks off before its first event ends its subscribers with a code, as nobody knows where it was', async () => {
    const { subscribe } = createDesk(producer)
    const both = [subscribe(MOVED), subscribe(MOVED)]
    await settle()
    producer.cut(unreachable)
    for (const { reading, codes } of both) {
      await reading
      expect(codes()).toEqual(['SUBGRAPH_UNREACHABLE'])
    }
  })

  test('that cannot be opened again in time ends with a code', async () => {
    const { subscribe } = createDesk(producer, {
      reopenMs: 300,
      firstDelayMs: 5,
      longestDelayMs: 10,
    })
    let opened = 0
    const { reading, codes, odds } = subscribe(MOVED, {
      stream: async function* (...call) {
        if (opened++ > 0) throw unreachable
        for await (const event of producer.stream(...call)) {
          yield event
          throw unreachable
        }
      },
    })
    await settle()
    producer.happen('a', 1)
    await reading
    expect(odds()).toEqual([1])
    expect(codes()).toEqual(['SUBGRAPH_UNREACHABLE'])
    expect(opened).toBeGreaterThan(2)
  })

  test('that leaves says so, and is opened elsewhere', async () => {
    const { subscribe } = createDesk(producer)
    let opened = 0
    const { odds, codes } = subscribe(MOVED, {
      stream: async function* (...call) {
        const isFirst = opened++ === 0
        for await (const event of producer.stream(...call)) {
          yield event
          if (!isFirst) continue
          yield { errors: [{ message: 'leaving', extensions: { code: 'SERVICE_DRAINING' } }] }
          return
        }
      },
    })
    await settle()
    producer.happen('a', 1)
    producer.happen('a', 2)
    await expect.poll(odds).toEqual([1, 2])
    expect(codes()).toEqual([])
  })

  test('that tells the last event again after it was opened anew is not believed twice', async () => {
    const { subscribe } = createDesk(producer)
    let opened = 0
    const { odds } = subscribe(MOVED, {
      stream: async function* () {
        opened++
        yield { data: { moved: { id: 'a', odds: 1 } }, extensions: { cursor: 'c1' } }
        if (opened === 1) throw unreachable
        yield { data: { moved: { id: 'a', odds: 2 } }, extensions: { cursor: 'c2' } }
      },
    })
    await expect.poll(odds).toEqual([1, 2])
  })

  test('that goes back to an earlier event is refused with a code', async () => {
    const { subscribe } = createDesk(producer, { reopenMs: 0 })
    const { reading, odds, codes } = subscribe(MOVED, {
      stream: async function* () {
        for (const at of [1, 2, 1, 3])
          yield { data: { moved: { id: 'a', odds: at } }, extensions: { cursor: cursorOf(at) } }
      },
    })
    await reading
    expect(odds()).toEqual([1, 2])
    expect(codes()).toEqual(['SUBGRAPH_ANSWER_INVALID'])
  })

  test('that refuses is heard by all, and ends', async () => {
    const { subscribe } = createDesk(producer)
    const refusing = async function* () {
      yield { data: null, errors: [{ message: 'expired', extensions: { code: 'CURSOR_EXPIRED' } }] }
    }
    const both = [1, 2].map(() => subscribe(MOVED, { resume: 'c0', stream: refusing }))
    for (const { reading, codes } of both) {
      await reading
      expect(codes()).toEqual(['CURSOR_EXPIRED'])
    }
  })

  test('with an event that makes no sense tells so of this event, and goes on', async () => {
    const { subscribe } = createDesk(producer)
    const { reading, seen } = subscribe('subscription { moved { id odds } }', {
      stream: async function* () {
        yield { data: { moved: 'nonsense' } }
        yield { data: { moved: { id: 'a', odds: 'many' } } }
        yield { data: { moved: { id: 'a', odds: 2 } } }
      },
    })
    await reading
    expect(seen).toMatchObject([
      { data: { moved: null }, errors: [{ extensions: { code: 'SUBGRAPH_VALUE_INVALID' } }] },
      {
        data: { moved: { odds: null } },
        errors: [{ extensions: { code: 'SUBGRAPH_VALUE_INVALID' } }],
      },
      { data: { moved: { odds: 2 } } },
    ])
  })
})

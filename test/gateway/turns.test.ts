import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTurns } from '#gateway/turns.ts'

const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('operations begin', () => {
  test('at once where nothing else goes on', async () => {
    const turns = createTurns()
    let hasBegun = false
    void turns.begin().then(() => {
      hasBegun = true
    })
    expect(turns.waiting).toBe(1)
    await turnOfTheLoop()
    expect(hasBegun).toBe(true)
    expect(turns.waiting).toBe(0)
  })

  test('not in a turn in which an answer came, but in the next without one', async () => {
    const turns = createTurns()
    let hasBegun = false
    void turns.begin().then(() => {
      hasBegun = true
    })
    for (let turn = 0; turn < 20; turn++) {
      turns.answered()
      await turnOfTheLoop()
      expect(hasBegun, `in turn ${turn}`).toBe(false)
    }
    await turnOfTheLoop()
    await turnOfTheLoop()
    expect(hasBegun).toBe(true)
  })

  test('after a quarter of a second however many answers come', async () => {
    const turns = createTurns()
    const began = performance.now()
    let isOver = false
    const flood = (async () => {
      while (!isOver) {
        turns.answered()
        await turnOfTheLoop()
      }
    })()
    await Promise.all(Array.from({ length: 50 }, () => turns.begin()))
    const waited = performance.now() - began
    isOver = true
    await flood
    expect(waited).toBeGreaterThanOrEqual(250)
    expect(turns.waiting).toBe(0)
  })

  test('in the order in which they came, each of them, whatever is answered meanwhile', async () => {
    const steps = fc.array(fc.constantFrom('begin', 'answered', 'turn'), { maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(steps, async (asked) => {
        const turns = createTurns()
        const begun: number[] = []
        const all: Promise<unknown>[] = []
        for (const step of asked) {
          if (step === 'begin') {
            const place = all.length
            all.push(turns.begin().then(() => begun.push(place)))
          } else if (step === 'answered') turns.answered()
          else await turnOfTheLoop()
        }
        await Promise.all(all)
        expect(begun).toEqual(all.map((_one, place) => place))
        expect(turns.waiting).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})

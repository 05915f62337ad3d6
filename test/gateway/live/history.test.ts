import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHistory, type HistoryBounds } from '#gateway/live/fan-out/history.ts'
import type { Told } from '#gateway/live/fan-out/told.ts'

const BOUNDS: HistoryBounds = { events: 4, characters: 1000, states: 3 }

const told = (name: string, state: string | null = null): Told => ({
  ...{ result: {}, source: {}, text: name.padEnd(10), cursor: name, state },
})

function filled(names: readonly string[], bounds: Partial<HistoryBounds> = {}) {
  const history = createHistory({ ...BOUNDS, ...bounds }, 'start')
  for (const name of names) history.append(told(name, name.length > 1 ? (name[0] ?? null) : null))
  return history
}

const cursorOf = (step: { told: Told } | 'lost' | null) =>
  step === null || step === 'lost' ? step : step.told.cursor

describe('the history of a stream', () => {
  test('gives one event after the other, and says what it no longer holds', () => {
    const history = filled(['1', '2', '3', '4', '5'])
    expect(history.head()).toBe(5)
    expect([0, 1, 2, 3, 4, 5].map((place) => cursorOf(history.after(place)))).toEqual([
      'lost',
      ...['2', '3', '4', '5'],
      null,
    ])
  })

  test('knows the place of a cursor while all after it is held', () => {
    expect(filled([]).placeOf('start')).toBe(0)
    expect(filled(['1', '2']).placeOf('start')).toBe(0)
    const history = filled(['1', '2', '3', '4', '5'])
    expect(['start', '1', '2', '5', '6'].map(history.placeOf)).toEqual([
      ...[undefined, undefined, 2, 5, undefined],
    ])
    expect([0, 2, 5].map(history.cursorAt)).toEqual(['start', '2', '5'])
  })

  test('is bounded by characters too, but for two events', () => {
    const history = filled(['1', '2', '3', '4'], { characters: 25 })
    expect(history.after(1)).toBe('lost')
    expect(cursorOf(history.after(2))).toBe('3')
    expect(history.charactersAfter(2)).toBe(20)
    const large = filled(['1', '2', '3'], { characters: 1 })
    expect(cursorOf(large.after(1))).toBe('2')
  })

  test('lets go of what all have read, but for the newest', () => {
    const history = filled(['1', '2', '3', '4'])
    history.forget(2, 1)
    expect(history.after(1)).toBe('lost')
    expect(cursorOf(history.after(2))).toBe('3')
    history.forget(4, 1)
    expect(history.after(2)).toBe('lost')
    expect(cursorOf(history.after(3))).toBe('4')
  })

  test('passes over states that later ones make stale, and says of whom', () => {
    const history = filled(['a1', 'b1', 'a2', 'a3'])
    expect(history.latestAfter(0)).toMatchObject({ at: 2, skipped: ['a'] })
    expect(history.latestAfter(2)).toMatchObject({ at: 4, skipped: ['a'] })
    expect(history.latestAfter(4)).toBeNull()
  })

  test('keeps the latest state of a thing longer than the event that told of it', () => {
    const history = filled(['a1', 'b1', 'b2', 'b3', 'b4', 'b5'])
    expect(history.after(0)).toBe('lost')
    expect(history.latestAfter(0)).toMatchObject({ at: 1, told: { cursor: 'a1' } })
    expect(history.latestAfter(1)).toMatchObject({ at: 6, told: { cursor: 'b5' } })
  })

  test('never passes over what happened: where that is not held any more, something is lost', () => {
    const history = filled(['a1', '2', 'a3', 'a4', 'a5', 'a6'])
    expect(history.latestAfter(1)).toBe('lost')
    expect(history.latestAfter(2)).toMatchObject({ at: 6 })
  })

  test('with more things than it remembers says that something is lost', () => {
    const history = filled(['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1'])
    expect(history.latestAfter(0)).toBe('lost')
  })

  test('for any sequence: nobody who reads on misses the last state of a thing, or anything that happened', () => {
    const event = fc.record({ state: fc.constantFrom('a', 'b', 'c', 'd', null), reads: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat(5), (events, events_) => {
        const history = createHistory({ events: events_ + 2, characters: 1e6, states: 10 }, null)
        const seen: { at: number; told: Told }[] = []
        let place = 0
        let isLost = false
        const read = () => {
          const step = history.latestAfter(place)
          if (step === 'lost') isLost = true
          if (step === null || step === 'lost') return false
          expect(step.at).toBeGreaterThan(place)
          place = step.at
          seen.push(step)
          return true
        }
        for (const [index, { state, reads }] of events.entries()) {
          history.append(told(String(index + 1), state))
          for (let count = 0; count < reads; count++) read()
        }
        while (read());
        if (isLost) {
          // Only what happened can be lost.
          expect(events.some(({ state }) => state === null)).toBe(true)
          return
        }
        const cursors = new Set(seen.map(({ told: { cursor } }) => cursor))
        const lastOf = new Map(events.map(({ state }, index) => [state, String(index + 1)]))
        for (const [state, cursor] of lastOf)
          if (state !== null) expect(cursors.has(cursor)).toBe(true)
        for (const [index, { state }] of events.entries())
          if (state === null) expect(cursors.has(String(index + 1))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

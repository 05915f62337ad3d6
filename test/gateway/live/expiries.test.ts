import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createExpiries } from '#gateway/live/expiries.ts'
import { createManualClock, type ManualClock } from '#kernel/clock.ts'

const START = new Date('2026-01-01T00:00:00Z')
const after = (ms: number) => new Date(START.getTime() + ms)

let clock: ManualClock
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  clock = createManualClock(START)
})
afterEach(() => vi.useRealTimers())

/** Lets time go on, for the clock and for timers alike. */
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50)
    vi.advanceTimersByTime(50)
  }
}

test('each is called once, soon after its moment and never before', () => {
  const expiries = createExpiries(clock)
  const called: number[] = []
  for (const ms of [1, 100, 101, 950, 60_000]) expiries.at(after(ms), () => called.push(ms))
  clock.advance(0)
  vi.advanceTimersByTime(100)
  expect(called).toEqual([])
  pass(300)
  expect(called).toEqual([1, 100, 101])
  pass(600)
  expect(called).toEqual([1, 100, 101])
  pass(200)
  expect(called).toEqual([1, 100, 101, 950])
  pass(60_000)
  expect(called).toEqual([1, 100, 101, 950, 60_000])
  expect(vi.getTimerCount()).toBe(0)
})

test('what is past already is called at the next look', () => {
  const expiries = createExpiries(clock)
  const called: string[] = []
  expiries.at(after(-5_000), () => called.push('past'))
  expect(called).toEqual([])
  pass(200)
  expect(called).toEqual(['past'])
})

test('whoever does not wait any more is not called, and nothing is left to look for', () => {
  const expiries = createExpiries(clock)
  const called: string[] = []
  const stop = expiries.at(after(100), () => called.push('no'))
  stop()
  stop()
  pass(500)
  expect(called).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('a clock that leaps ahead calls all whose moment has passed, one that goes back calls nobody twice', () => {
  const expiries = createExpiries(clock)
  const called: number[] = []
  for (const hours of [1, 2, 3]) expiries.at(after(hours * 3_600_000), () => called.push(hours))
  clock.advance(2.5 * 3_600_000)
  vi.advanceTimersByTime(100)
  expect(called).toEqual([1, 2])
  clock.set(START)
  vi.advanceTimersByTime(1000)
  expect(called).toEqual([1, 2])
  clock.set(after(4 * 3_600_000))
  vi.advanceTimersByTime(100)
  expect(called).toEqual([1, 2, 3])
})

test('closed, it calls nobody', () => {
  const expiries = createExpiries(clock)
  const called: string[] = []
  expiries.at(after(100), () => called.push('no'))
  expiries.close()
  pass(500)
  expect(called).toEqual([])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from '../../../gateway/demand/token-bucket.ts'

function bucketAt(bounds: { perSecond: number; burst: number }) {
  const time = { ms: 1_000 }
  return { time, bucket: new TokenBucket(bounds, () => time.ms) }
}

test('a bucket gives its burst at once and then what time brings', () => {
  const { time, bucket } = bucketAt({ perSecond: 10, burst: 3 })
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false])
  expect(bucket.millisecondsUntil()).toBe(100)
  time.ms += 99
  expect(bucket.take()).toBe(false)
  time.ms += 1
  expect([bucket.take(), bucket.take()]).toEqual([true, false])
  time.ms += 3_600_000
  expect(bucket.left()).toBe(3)
})

test('a bucket takes all that is asked or nothing, and says when more than it can hold never comes', () => {
  const { bucket } = bucketAt({ perSecond: 1, burst: 5 })
  expect([bucket.take(6), bucket.left()]).toEqual([false, 5])
  expect(bucket.millisecondsUntil(6)).toBe(Number.POSITIVE_INFINITY)
  expect([bucket.take(5), bucket.left()]).toEqual([true, 0])
})

test('a bucket gives nothing for numbers that are none, and for a clock that goes back', () => {
  const { time, bucket } = bucketAt({ perSecond: 100, burst: 2 })
  expect([bucket.take(-1), bucket.take(Number.NaN), bucket.left()]).toEqual([false, false, 2])
  bucket.take(2)
  time.ms -= 500
  expect(bucket.take()).toBe(false)
  time.ms += 10
  expect([bucket.take(), bucket.take()]).toEqual([true, false])
  for (const bounds of [
    { perSecond: 0, burst: 1 },
    { perSecond: 1, burst: 0 },
    { perSecond: Number.NaN, burst: 1 },
  ])
    expect(() => bucketAt(bounds)).toThrow(RangeError)
})

test('whatever is asked and whenever, no more goes through than the burst and what time brought', () => {
  const step = fc.record({ wait: fc.integer({ min: 0, max: 400 }), count: fc.nat({ max: 8 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { time, bucket } = bucketAt({ perSecond: 20, burst: 6 })
      let through = 0
      for (const { wait, count } of steps) {
        time.ms += wait
        if (bucket.take(count)) through += count
        expect(bucket.left()).toBeGreaterThanOrEqual(0)
      }
      const seconds = (time.ms - 1_000) / 1000
      expect(through).toBeLessThanOrEqual(6 + seconds * 20 + 1e-6)
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findBurst } from '#subgraphs/compliance/services/alerts/burst.ts'

const entry = (id: number, seconds: number) => ({ id: String(id), at: new Date(seconds * 1_000) })

const idsOf = (
  entries: ReturnType<typeof entry>[],
  id: number,
  rule = { threshold: 3, windowMs: 10_000 },
) => findBurst(entries, { ...rule, id: String(id) })?.map((one) => one.id) ?? null

test('three within less than ten seconds are a burst, in ten seconds they are none', () => {
  expect(idsOf([entry(1, 0), entry(2, 5), entry(3, 9.999)], 3)).toEqual(['1', '2', '3'])
  expect(idsOf([entry(1, 0), entry(2, 5), entry(3, 10)], 3)).toBeNull()
})

test('one that arrives late counts where it happened', () => {
  expect(idsOf([entry(1, 100), entry(2, 104), entry(3, 96)], 3)).toEqual(['3', '1', '2'])
  expect(idsOf([entry(1, 100), entry(2, 104), entry(3, 90)], 3)).toBeNull()
})

test('a burst holds the entry that was asked about', () => {
  expect(idsOf([entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 60)], 4)).toBeNull()
})

test('whatever the order of arrival, it is found exactly where the definition finds it', () => {
  const seconds = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 })
  const rule = fc.record({
    threshold: fc.integer({ min: 1, max: 5 }),
    windowMs: fc.integer({ min: 1, max: 20_000 }),
  })
  fc.assert(
    fc.property(seconds, rule, (all, { threshold, windowMs }) => {
      const entries = all.map((at, index) => entry(index + 1, at))
      const asked = entries.at(-1)?.id ?? ''
      const found = findBurst(entries, { id: asked, threshold, windowMs })
      // By the definition: some window of that length that begins with an entry holds enough, and this one.
      const isBurst = entries.some(({ at: from }) => {
        const within = entries.filter(
          ({ at }) => at >= from && at.getTime() - from.getTime() < windowMs,
        )
        return within.length >= threshold && within.some(({ id }) => id === asked)
      })
      expect(found !== null).toBe(isBurst)
      expect(found === null || found.length === threshold).toBe(true)
    }),
  )
})

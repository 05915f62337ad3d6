import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { createTicker } from '#kernel/jobs/schedules.ts'

const nightly = { name: 'nightly', cron: '0 3 * * *', timezone: 'Europe/London', kind: 'report' }

test('a tick is due from its instant on, until it is settled, in its time zone', () => {
  // London is one hour ahead of UTC in July.
  const clock = createManualClock(new Date('2026-07-01T01:59:59Z'))
  const ticker = createTicker([nightly], clock)
  expect(ticker.due()).toEqual([])
  clock.advance(1_000)
  const [tick] = ticker.due()
  expect(tick?.uniqueKey).toBe('schedule:nightly:2026-07-01T02:00:00.000Z')
  expect(ticker.due()).toHaveLength(1)
  if (tick) ticker.settle(tick)
  expect(ticker.due()).toEqual([])
})

test('a tick missed by minutes is made up for, one missed by hours is not', () => {
  const due = (now: string) => createTicker([nightly], createManualClock(new Date(now))).due()
  expect(due('2026-07-01T02:14:00Z')).toHaveLength(1)
  expect(due('2026-07-01T05:00:00Z')).toEqual([])
})

test.each([
  ['pattern', { ...nightly, cron: 'at three' }],
  ['time zone', { ...nightly, timezone: 'Europe/Atlantis' }],
])('a schedule with a wrong %s is refused with JOB_SCHEDULE_INVALID', (_what, schedule) => {
  const clock = createManualClock(new Date(0))
  expect(() => createTicker([schedule], clock)).toThrow(
    expect.objectContaining({ code: 'JOB_SCHEDULE_INVALID' }),
  )
})

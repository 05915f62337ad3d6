import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { createCounters } from '#kernel/counters/counters.ts'
import { silentLog } from '../../kit/database.ts'
import { describeAllowances } from './allowance-suite.ts'
import { describeCounters } from './counter-suite.ts'

async function openWorld() {
  const clock = createManualClock(new Date('2026-08-15T12:00:00.000Z'))
  const counters = await createCounters({ redis: null, name: 'test', clock, log: silentLog })
  const pass = async (milliseconds: number) => clock.advance(milliseconds)
  return { counters, pass, [Symbol.asyncDispose]: counters.close }
}

describeCounters('in memory', openWorld)
describeAllowances('in memory', openWorld)

test('in memory, invented subjects push out the oldest instead of growing without end', async () => {
  await using world = await openWorld()
  const counter = world.counters.open('test', { most: 1, windowMilliseconds: 60_000 })
  await counter.take('first')
  for (let index = 0; index < 50_000; index++) await counter.take(`invented ${index}`)
  expect([await counter.isFull('first'), await counter.isFull('invented 49999')]).toEqual([
    false,
    true,
  ])
})

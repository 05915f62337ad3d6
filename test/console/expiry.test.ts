import { expect, test } from 'vitest'
import { dayComplaint, dayText, expiresAtOf } from '../../console/src/pages/keys/expiry.ts'

const NOON = new Date(2030, 5, 15, 12).getTime()

test.each(['', '2030-02-31T', 'soon'])('%j is no last day', (day) => {
  expect(dayComplaint('date', day, NOON)).toBe('Choose the last day.')
})

test('a day that is over is no last day; today is', () => {
  expect(dayComplaint('date', '2030-06-14', NOON)).toContain('is over')
  expect(dayComplaint('date', '2030-06-15', NOON)).toBeNull()
  expect(expiresAtOf('date', dayText(NOON), NOON)).toBe(
    new Date(2030, 5, 15, 23, 59, 59).toISOString(),
  )
})

test('a day that is not asked for is not complained of', () => {
  expect(dayComplaint('90', '', NOON)).toBeNull()
  expect(dayComplaint('never', '', NOON)).toBeNull()
  expect(expiresAtOf('never', '', NOON)).toBeNull()
  expect(expiresAtOf('30', '', 0)).toBe('1970-01-31T00:00:00.000Z')
})

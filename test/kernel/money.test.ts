import { expect, test } from 'vitest'
import { addMoney, money, parseOdds } from '#kernel/money.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

test('amounts of one currency are added exactly', () => {
  const large = 9_007_199_254_740_993n
  expect(addMoney(money(large, 'EUR'), money(1n, 'EUR'))).toEqual(money(large + 1n, 'EUR'))
})

test('amounts of two currencies answer KERNEL_CURRENCY_MISMATCH', () => {
  expect(() => addMoney(money(1n, 'EUR'), money(1n, 'USD'))).toThrow(
    code('KERNEL_CURRENCY_MISMATCH'),
  )
})

test.each(['eur', 'EURO', '€', ''])('the currency "%s" answers KERNEL_CURRENCY_INVALID', (name) => {
  expect(() => money(1n, name)).toThrow(code('KERNEL_CURRENCY_INVALID'))
})

test.each([
  ['2.10', 2_100],
  [1.01, 1_010],
  ['1000', 1_000_000],
  ['1', null],
  ['0', null],
  ['-2', null],
  ['1e3', null],
  ['NaN', null],
  [null, null],
])('odds of %s are %s thousandths', (decimal, thousandths) => {
  expect(parseOdds(decimal)).toBe(thousandths)
})

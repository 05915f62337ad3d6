import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsCardNumber, maskCardNumbers, mayHoldCardNumber } from '#kernel/card-numbers.ts'

/** Numbers that the schemes and processors publish for tests; nobody has such a card. */
const TEST_NUMBERS = [
  ['Visa', '4111111111111111'],
  ['Visa', '4012888888881881'],
  ['Visa of 13 digits', '4222222222222'],
  ['Mastercard', '5555555555554444'],
  ['Mastercard', '5105105105105100'],
  ['Mastercard of the second range', '2223003122003222'],
  ['American Express', '378282246310005'],
  ['American Express', '371449635398431'],
  ['Diners Club', '30569309025904'],
  ['Diners Club', '38520000023237'],
  ['Discover', '6011111111111117'],
  ['JCB', '3530111333300000'],
  ['Maestro', '6759649826438453'],
  ['UnionPay', '6200000000000005'],
] as const

const inFours = (digits: string) => digits.match(/.{1,4}/g) ?? []
const lastFour = (digits: string) => `[card …${digits.slice(-4)}]`

describe('a card number', () => {
  test.each(TEST_NUMBERS)('of %s is found and masked: %s', (_scheme, digits) => {
    expect(holdsCardNumber(digits)).toBe(true)
    expect(maskCardNumbers(`paid with ${digits}, thanks`)).toBe(
      `paid with ${lastFour(digits)}, thanks`,
    )
  })

  test.each(TEST_NUMBERS)('of %s is found in groups too: %s', (_scheme, digits) => {
    const signs = [...' -\u00a0–./_,:\t\n|', '  ', ' - ', ', ', '\u200b', '\u3000', ' \u200b ']
    for (const between of signs) {
      const text = `(${inFours(digits).join(between)})`
      expect(holdsCardNumber(text)).toBe(true)
      expect(maskCardNumbers(text)).toBe(`(${lastFour(digits)})`)
    }
  })

  test.each([
    ['with its expiry behind it', '4111111111111111 12/27', '[card …1111] 12/27'],
    ['in groups with its expiry', '4111 1111 1111 1111 12 27', '[card …1111] 12 27'],
    ['with its code behind it', '5555-5555-5555-4444 123', '[card …4444] 123'],
    ['behind an amount', '50 4111111111111111', '50 [card …1111]'],
    ['in groups of its scheme', '3782 822463 10005', '[card …0005]'],
    ['digit by digit', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '[card …1111]'],
    ['twice', '4111111111111111 5555555555554444', '[card …1111] [card …4444]'],
    ['in another text', 'card:4111111111111111;', 'card:[card …1111];'],
    ['behind a word', 'card4111111111111111', 'card[card …1111]'],
    ['before a word', '4111111111111111EUR', '[card …1111]EUR'],
    ['within a word', 'sha4111111111111111e', 'sha[card …1111]e'],
    ['in groups behind a word', 'card4111 1111 1111 1111', 'card[card …1111]'],
    ['with its code behind a point', '4111.1111.1111.1111. 123', '[card …1111]. 123'],
    ['digit by digit before an amount', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1. 50', '[card …1111]. 50'],
    ['digit by digit in fours', '4 1 1 1 - 1 1 1 1 - 1 1 1 1 - 1 1 1 1', '[card …1111]'],
    ['in digits of full width', '４１１１１１１１１１１１１１１１', '[card …1111]'],
    ['in Arabic digits', '(٤١١١ ١١١١ ١١١١ ١١١١)', '([card …1111])'],
    ['in circles', '④①①①①①①①①①①①①①①①', '[card …1111]'],
    ['with nothing to see between', '4111\u200b1111\u200d1111\u00ad1111', '[card …1111]'],
    ['behind another script', 'карта4111111111111111', 'карта[card …1111]'],
    ['behind letters beyond the plane', '💳💳4111111111111111💳', '💳💳[card …1111]💳'],
  ])('%s is found', (_how, text, masked) => {
    expect(holdsCardNumber(text)).toBe(true)
    expect(maskCardNumbers(text)).toBe(masked)
    expect(mayHoldCardNumber(text)).toBe(true)
  })

  test('behind a quoted line break is suspected where text is quoted', () => {
    const text = 'my card\n4111111111111111'
    expect(holdsCardNumber(text)).toBe(true)
    expect(mayHoldCardNumber(JSON.stringify(text))).toBe(true)
    expect(mayHoldCardNumber(JSON.stringify(['5', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '6']))).toBe(
      true,
    )
    expect(mayHoldCardNumber(JSON.stringify({ of: '4111"1111\\1111\t1111' }))).toBe(true)
  })
})

describe('what is no card number stays', () => {
  test.each([
    ['an id of Discord', '81384788765712384'],
    ['an id of Discord', '197038439483310086'],
    ['a newer id of Discord', '1096548383278895144'],
    ['a wrong check digit', '4111111111111112'],
    ['no scheme’s first digits', '1111111111111117'],
    ['a time in milliseconds', '1787581800000'],
    ['a day and a time', '2026-08-15 14:30:00.000'],
    ['a share with many places', '0.4111111111111111'],
    ['results of many matches', '4-1 1-1 1-1 1-1 1-1 1-1 1-1 1-1 2-0 3-1'],
    ['a digest', `sha256:${'0123456789abcdef'.repeat(3)}4111111111111111`],
    ['an id (UUID)', '41111111-1111-4111-8111-111111111111'],
    ['a price with many places', 'at 4.111111111111111, then 12.4111111111111111'],
    ['prices', '3.75, 4.10, 5.20, 3.15, 2.20; 0.4823, 0.2711, 0.2466, 0.1234'],
    ['a time of a server', '2026-08-15T14:30:00.000Z, 30.12.2026 10:30:00'],
    ['places of a network', '51.210.123.45:65000, 192.168.100.200'],
    ['a number of too many digits', '41111111111111111111111'],
    ['an account (IBAN)', 'AT611904300234573201'],
  ])('%s: %s', (_what, text) => {
    expect(holdsCardNumber(text)).toBe(false)
    expect(maskCardNumbers(text)).toBe(text)
  })

  test('ids of Discord of all its years', () => {
    // Milliseconds since 2015 above 22 bits of worker and count, to the year 2040.
    const snowflake = fc.bigInt({ min: 10n ** 16n, max: (25n * 31_557_600_000n) << 22n })
    fc.assert(
      fc.property(snowflake, (id) => {
        fc.pre(!String(id).startsWith('4') && !String(id).startsWith('6'))
        expect(holdsCardNumber(`<@${id}> in ${id}`)).toBe(false)
      }),
    )
  })

  test('any text without thirteen digits', () => {
    const few = fc.string().filter((text) => text.replace(/\D/g, '').length < 13)
    fc.assert(
      fc.property(few, (text) => {
        expect(maskCardNumbers(text)).toBe(text)
        expect(mayHoldCardNumber(text)).toBe(false)
      }),
    )
  })
})

test('what is masked holds none, whatever surrounds it, and masking again changes nothing', () => {
  const number = fc.constantFrom(...TEST_NUMBERS.map(([, digits]) => digits))
  const around = fc.string({ unit: fc.constantFrom('a', ' ', '-', '.', '7', '\n', '"', 'é') })
  fc.assert(
    fc.property(around, number, around, (before, digits, behind) => {
      const masked = maskCardNumbers(`${before} ${digits} ${behind}`)
      expect(holdsCardNumber(masked)).toBe(false)
      expect(maskCardNumbers(masked)).toBe(masked)
      const text = `${before}${digits}${behind}`
      expect(mayHoldCardNumber(text) || !holdsCardNumber(text)).toBe(true)
    }),
  )
})

test('a long text of digits is searched in little time', () => {
  const started = performance.now()
  expect(holdsCardNumber('123 '.repeat(20_000))).toBe(false)
  expect(holdsCardNumber('4'.repeat(200_000))).toBe(false)
  expect(holdsCardNumber('123, \t'.repeat(20_000))).toBe(false)
  expect(holdsCardNumber('1.'.repeat(20_000))).toBe(false)
  expect(holdsCardNumber('١\u200b\u200b'.repeat(20_000))).toBe(false)
  expect(holdsCardNumber(`${'123 '.repeat(20_000)}a`)).toBe(false)
  expect(holdsCardNumber(`${'1 '.repeat(20_000)}a`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(20_000)
})

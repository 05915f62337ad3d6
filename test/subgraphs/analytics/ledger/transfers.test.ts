import { expect, test } from 'vitest'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { ACME_GUILD, VIEWERS } from '../analytics-kit.ts'
import type { Manner } from '../compliance-stand-in.ts'
import { eur, type LedgerWorld, newKey, openLedger } from './ledger-kit.ts'

const transfersIn = ({ database }: LedgerWorld) => database.acrossTenants().count(Transfer, {})

test('a deposit is booked twice over, cleared, audited and told once', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  const input = { accountId, money: eur(2_500), note: '  first deposit ' }
  const { data } = await world.act('cashier', 'deposit', input)
  expect(data).toMatchObject({
    ...{ kind: 'DEPOSIT', currency: 'EUR', note: 'first deposit', user: { id: '21' } },
  })
  expect(await world.moneyIn(accountId)).toEqual([2_500, 0, 0])
  expect(await world.check()).toEqual([
    { currency: 'EUR', sum: '0', accounts: 3, broken: [], isWhole: true },
  ])
  expect(world.compliance.asked).toMatchObject([
    {
      ...{ path: '/may-deposit', userId: '21', tenantId: '1', guildId: ACME_GUILD },
      ...{ amount: '2500', currency: 'EUR' },
    },
  ])
  expect(await world.sent('compliance')).toEqual([
    { kind: 'clearance.confirmed', clearanceId: '1', resource: `transfer:${data.id}` },
  ])
  expect((await world.sent('audit')).at(-1)).toMatchObject({
    action: 'money.deposited',
    resource: { type: 'transfer', id: data.id },
    details: { accountId, amount: '2500', currency: 'EUR' },
  })
})

test.each(['0', '-5', '1000000000000001'])(
  'the amount %s answers AMOUNT_INVALID',
  async (amount) => {
    await using world = await openLedger()
    const accountId = await world.openAccount('player')
    const input = { accountId, money: { amount, currency: 'EUR' } }
    expect((await world.act('cashier', 'deposit', input)).codes).toEqual(['AMOUNT_INVALID'])
    expect((await world.act('cashier', 'holdFunds', input)).codes).toEqual(['AMOUNT_INVALID'])
    expect(await transfersIn(world)).toBe(0)
  },
)

test('another currency answers KERNEL_CURRENCY_MISMATCH with both currencies, and moves nothing', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const money = { amount: '100', currency: 'GBP' }
  for (const act of ['deposit', 'adjustBalance', 'requestWithdrawal', 'holdFunds'] as const) {
    const reasoned = act === 'adjustBalance' ? { reason: 'counted' } : {}
    const asked = { accountId, money, ...reasoned }
    const { codes, details } = await world.act('cashier', act, asked)
    expect(codes).toEqual(['KERNEL_CURRENCY_MISMATCH'])
    expect(details).toEqual([{ expected: 'EUR', given: 'GBP' }])
  }
  expect(await world.moneyIn(accountId)).toEqual([500, 0, 0])
})

test('an account takes no more than it can hold: BALANCE_TOO_HIGH', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  const money = eur(10n ** 15n)
  for (let deposits = 0; deposits < 9; deposits++) {
    expect((await world.act('cashier', 'deposit', { accountId, money })).codes).toEqual([])
  }
  const { codes } = await world.act('cashier', 'deposit', { accountId, money })
  expect(codes).toEqual(['BALANCE_TOO_HIGH'])
  const one = await world.act('cashier', 'deposit', { accountId, money: eur(1) })
  expect(one.codes).toEqual(['BALANCE_TOO_HIGH'])
  expect(await world.moneyIn(accountId)).toEqual([9 * 10 ** 15, 0, 0])
})

test('the same key and body answer the same booking, also when both come at once', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  const input = { accountId, money: eur(700), idempotencyKey: newKey() }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => world.act('cashier', 'deposit', input)),
  )
  const again = await world.act('cashier', 'deposit', input)
  for (const answer of answers) expect(answer).toEqual(again)
  expect(again.codes).toEqual([])
  expect(await world.moneyIn(accountId)).toEqual([700, 0, 0])
  expect(await transfersIn(world)).toBe(1)
})

test('a repetition asks compliance nothing', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  const input = { accountId, money: eur(700), idempotencyKey: newKey() }
  const first = await world.act('cashier', 'deposit', input)
  world.compliance.behave('throws')
  expect(await world.act('cashier', 'deposit', input)).toEqual(first)
  expect(world.compliance.asked).toHaveLength(1)
})

test('the same key for another body answers IDEMPOTENCY_KEY_REUSED; another person’s key is theirs', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const other = await world.openAccount('otherPlayer')
  const idempotencyKey = newKey()
  const money = eur(100)
  const input = { accountId, money, idempotencyKey }
  await world.act('cashier', 'deposit', input)
  const codesOf = async (...call: Parameters<typeof world.act>) => (await world.act(...call)).codes
  const reused = ['IDEMPOTENCY_KEY_REUSED']
  expect(await codesOf('cashier', 'deposit', { ...input, money: eur(101) })).toEqual(reused)
  expect(await codesOf('cashier', 'deposit', { ...input, note: 'more' })).toEqual(reused)
  expect(await codesOf('cashier', 'deposit', { ...input, accountId: other })).toEqual(reused)
  expect(await codesOf('cashier', 'holdFunds', input)).toEqual(reused)
  expect(await codesOf('player', 'requestWithdrawal', input)).toEqual([])
  expect(await world.moneyIn(accountId)).toEqual([500, 100, 0])
})

test.each(['short', 'x'.repeat(65), 'has spaces in it'])(
  'the key %j answers IDEMPOTENCY_KEY_INVALID',
  async (idempotencyKey) => {
    await using world = await openLedger()
    const accountId = await world.openAccount('player')
    const input = { accountId, money: eur(100), idempotencyKey }
    const { codes } = await world.act('cashier', 'deposit', input)
    expect(codes).toEqual(['IDEMPOTENCY_KEY_INVALID'])
  },
)

test.each(['two\nlines', 'x'.repeat(201), 'bell\u0007'])(
  'the note %j answers NOTE_INVALID',
  async (note) => {
    await using world = await openLedger()
    const accountId = await world.openAccount('player')
    const { codes } = await world.act('cashier', 'deposit', { accountId, money: eur(100), note })
    expect(codes).toEqual(['NOTE_INVALID'])
    const adjustment = { accountId, money: eur(100), reason: note }
    expect((await world.act('cashier', 'adjustBalance', adjustment)).codes).toEqual([
      'NOTE_INVALID',
    ])
  },
)

const CARD = '4111 1111 1111 1111'

test('a card number in a note or key answers CARD_NUMBER_REFUSED and is stored nowhere', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const before = await transfersIn(world)
  const input = { accountId, money: eur(100) }
  const refused = ['CARD_NUMBER_REFUSED']
  const codesOf = async (...call: Parameters<typeof world.act>) => (await world.act(...call)).codes
  const note = `paid by ${CARD}`
  expect(await codesOf('cashier', 'deposit', { ...input, note })).toEqual(refused)
  expect(await codesOf('player', 'requestWithdrawal', { ...input, note })).toEqual(refused)
  expect(await codesOf('cashier', 'adjustBalance', { ...input, reason: note })).toEqual(refused)
  for (const sign of ['', '.', '_', ':']) {
    const idempotencyKey = `card${CARD.replaceAll(' ', sign)}`
    expect(await codesOf('cashier', 'deposit', { ...input, idempotencyKey })).toEqual(refused)
  }
  expect(await codesOf('cashier', 'deposit', { ...input, note: 'order 4111 of 1111' })).toEqual([])
  expect(await transfersIn(world)).toBe(before + 1)
  const written = JSON.stringify([
    await world.database.acrossTenants().find(Transfer, {}),
    await world.sent('audit'),
    await world.sent('compliance'),
  ])
  expect(written.replaceAll(' ', '')).not.toContain(CARD.replaceAll(' ', ''))
})

test('an adjustment goes both ways with a reason, never below what is there, never to zero', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const adjust = (amount: number, reason = 'counted wrong') =>
    world.act('cashier', 'adjustBalance', { accountId, money: eur(amount), reason })
  expect((await adjust(-200)).data).toMatchObject({ kind: 'ADJUSTMENT', note: 'counted wrong' })
  expect((await adjust(50)).codes).toEqual([])
  expect((await adjust(-351)).codes).toEqual(['BALANCE_TOO_LOW'])
  expect((await adjust(0)).codes).toEqual(['AMOUNT_INVALID'])
  expect((await adjust(1, ' ')).codes).toEqual(['NOTE_INVALID'])
  expect(await world.moneyIn(accountId)).toEqual([350, 0, 0])
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('why a balance was corrected stands in the audit log beside how much', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const input = { accountId, money: eur(-200), reason: ' counted wrong ' }
  const { data } = await world.act('cashier', 'adjustBalance', input)
  const details = { accountId, amount: '-200', currency: 'EUR', reason: 'counted wrong' }
  const audited = (await world.sent('audit')).filter(({ action }) => action === 'money.adjusted')
  expect(audited).toMatchObject([{ resource: { type: 'transfer', id: data.id }, details }])
})

test('booking money asks for money:write: a player and a reader get null and a code', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const input = { accountId, money: eur(100) }
  for (const who of ['player', 'officer'] as const) {
    for (const act of ['deposit', 'holdFunds'] as const) {
      const { data, codes } = await world.act(who, act, input)
      expect([data, codes]).toEqual([null, ['UNAUTHORIZED_FIELD_OR_TYPE']])
    }
  }
})

test('with the stricter rules nobody books their own money: FOUR_EYES_REQUIRED; another may', async () => {
  await using world = await openLedger({ guild: { complianceMode: true } })
  const accountId = await world.openAccount('cashier', { guildId: ACME_GUILD })
  const input = { accountId, money: eur(500) }
  const adjustment = { ...input, reason: 'because' }
  const required = ['FOUR_EYES_REQUIRED']
  expect((await world.act('cashier', 'deposit', input)).codes).toEqual(required)
  expect((await world.act('cashier', 'adjustBalance', adjustment)).codes).toEqual(required)
  expect(world.compliance.asked).toEqual([])
  const colleague = { ...VIEWERS.cashier, userId: '39' }
  expect((await world.act(colleague, 'deposit', input)).codes).toEqual([])
  expect((await world.act('cashier', 'holdFunds', input)).codes).toEqual(required)
  const hold = await world.act('cashier', 'requestWithdrawal', input)
  const ended = { holdId: hold.data.id }
  expect((await world.act('cashier', 'completeWithdrawal', ended)).codes).toEqual(required)
  expect((await world.act('cashier', 'captureHold', ended)).codes).toEqual(required)
  expect((await world.act(colleague, 'completeWithdrawal', ended)).codes).toEqual([])
})

test('without the stricter rules a cashier may book their own money', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('cashier', { guildId: ACME_GUILD })
  expect((await world.act('cashier', 'deposit', { accountId, money: eur(500) })).codes).toEqual([])
})

test('a guild that left its tenant takes no more deposits, and pays out under the stricter rules', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  await world.deliver('moved', 'guild.moved', { guildId: ACME_GUILD, tenantId: '2' })
  const input = { accountId, money: eur(100) }
  expect((await world.act('cashier', 'deposit', input)).codes).toEqual(['ACCOUNT_GUILD_FOREIGN'])
  const { data } = await world.act('player', 'requestWithdrawal', input)
  expect((await world.act('cashier', 'completeWithdrawal', { holdId: data.id })).codes).toEqual([])
  expect(await world.moneyIn(accountId)).toEqual([400, 0, 0])
})

test('compliance says no: COMPLIANCE_REFUSED with its reason, and nothing moves', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  world.compliance.behave({ answer: 'no', code: 'CONSENT_REQUIRED' })
  const refused = await world.act('cashier', 'deposit', { accountId, money: eur(500) })
  expect(refused).toMatchObject({
    codes: ['COMPLIANCE_REFUSED'],
    details: [{ reason: 'CONSENT_REQUIRED' }],
  })
  expect([await world.moneyIn(accountId), await transfersIn(world)]).toEqual([[0, 0, 0], 0])
})

const SILENCES: readonly [string, Manner][] = [
  ['throws', 'throws'],
  ['answers 500', { status: 500 }],
  ['answers 404', { status: 404 }],
  ['answers something else', { says: { answer: 'perhaps' } }],
  ['says yes without a clearance', { says: { answer: 'yes' } }],
  ['never answers', 'hangs'],
]

test.each(SILENCES)(
  'compliance %s: COMPLIANCE_UNAVAILABLE, and nothing moves until it speaks again',
  async (_says, manner) => {
    await using world = await openLedger()
    const accountId = await world.openAccount('player')
    const input = { accountId, money: eur(500), idempotencyKey: newKey() }
    world.compliance.behave(manner)
    const { codes } = await world.act('cashier', 'deposit', input)
    expect(codes).toEqual(['COMPLIANCE_UNAVAILABLE'])
    expect([await world.moneyIn(accountId), await transfersIn(world)]).toEqual([[0, 0, 0], 0])
    expect(await world.sent('compliance')).toEqual([])
    world.compliance.behave({ answer: 'yes' })
    expect((await world.act('cashier', 'deposit', input)).codes).toEqual([])
    expect(await world.moneyIn(accountId)).toEqual([500, 0, 0])
  },
)

test('compliance cannot even be looked for: COMPLIANCE_UNAVAILABLE', async () => {
  const nobody = () => {
    throw new Error('nobody is here')
  }
  await using world = await openLedger({ resolve: nobody })
  const accountId = await world.openAccount('player')
  const { codes } = await world.act('cashier', 'deposit', { accountId, money: eur(500) })
  expect(codes).toEqual(['COMPLIANCE_UNAVAILABLE'])
})

test('a deposit refused after the yes gives its clearance back', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  for (let deposits = 0; deposits < 9; deposits++) {
    await world.act('cashier', 'deposit', { accountId, money: eur(10n ** 15n) })
  }
  await world.act('cashier', 'deposit', { accountId, money: eur(1) })
  expect((await world.sent('compliance')).at(-1)).toEqual({
    kind: 'clearance.released',
    clearanceId: '10',
  })
})

import { expect, test } from 'vitest'
import { ACME_GUILD, VIEWERS } from '../analytics-kit.ts'
import { eur, newKey, openLedger } from './ledger-kit.ts'

const reason = 'looks odd'

test('a withdrawal is set aside by the owner and paid out by somebody who books money', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const input = { accountId, money: eur(200), note: 'to my bank' }
  const { data } = await world.act('player', 'requestWithdrawal', input)
  expect(data).toMatchObject({
    ...{ status: 'OPEN', purpose: 'WITHDRAWAL', isFrozen: false, money: { amount: '200' } },
  })
  expect(await world.moneyIn(accountId)).toEqual([300, 200, 0])
  const done = await world.act('cashier', 'completeWithdrawal', { holdId: data.id })
  expect(done.data).toMatchObject({ id: data.id, status: 'COMPLETED' })
  expect(await world.moneyIn(accountId)).toEqual([300, 0, 0])
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
  expect((await world.sent('audit')).map(({ action }) => action)).toEqual([
    'account.opened',
    'money.deposited',
    'withdrawal.requested',
    'withdrawal.completed',
  ])
})

test('no more is withdrawn than is there: BALANCE_TOO_LOW; all of it may be', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const withdraw = (amount: number) =>
    world.act('player', 'requestWithdrawal', { accountId, money: eur(amount) })
  expect((await withdraw(501)).codes).toEqual(['BALANCE_TOO_LOW'])
  expect((await withdraw(500)).codes).toEqual([])
  expect((await withdraw(1)).codes).toEqual(['BALANCE_TOO_LOW'])
})

test('the owner cancels their own withdrawal, not a review and not what is somebody else’s', async () => {
  await using world = await openLedger({ guild: { complianceMode: true } })
  const accountId = await world.fund(500)
  const input = { accountId, money: eur(200) }
  const withdrawal = await world.act('player', 'requestWithdrawal', input)
  const review = await world.act('cashier', 'holdFunds', input)
  const release = (who: 'player' | 'otherPlayer' | 'globexCashier' | 'cashier', holdId: string) =>
    world.act(who, 'releaseHold', { holdId })
  expect((await release('otherPlayer', withdrawal.data.id)).codes).toEqual(['HOLD_NOT_FOUND'])
  expect((await release('globexCashier', withdrawal.data.id)).codes).toEqual(['HOLD_NOT_FOUND'])
  expect((await release('cashier', '99')).codes).toEqual(['HOLD_NOT_FOUND'])
  expect((await release('player', review.data.id)).codes).toEqual(['HOLD_RELEASE_REFUSED'])
  expect((await release('player', withdrawal.data.id)).data.status).toBe('RELEASED')
  expect((await release('cashier', review.data.id)).data.status).toBe('RELEASED')
  expect(await world.moneyIn(accountId)).toEqual([500, 0, 0])
})

test('money under review is captured, or released, once: HOLD_ENDED', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const input = { accountId, money: eur(200) }
  const captured = await world.act('cashier', 'holdFunds', input)
  const released = await world.act('cashier', 'holdFunds', input)
  const end = (act: 'captureHold' | 'releaseHold', { data }: { data: { id: string } }) =>
    world.act('cashier', act, { holdId: data.id })
  expect((await end('captureHold', captured)).data.status).toBe('CAPTURED')
  expect((await end('releaseHold', released)).data.status).toBe('RELEASED')
  expect((await end('releaseHold', captured)).codes).toEqual(['HOLD_ENDED'])
  expect((await end('captureHold', released)).codes).toEqual(['HOLD_ENDED'])
  expect(await world.moneyIn(accountId)).toEqual([300, 0, 0])
  expect(await world.check()).toMatchObject([{ sum: '0', broken: [] }])
})

test('who takes held money says why, in one line without a card number: the booking and the audit log hold it', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('cashier', 'holdFunds', { accountId, money: eur(200) })
  const input = { holdId: data.id, idempotencyKey: newKey() }
  const capture = (reason: string) => world.act('cashier', 'captureHold', { ...input, reason })
  for (const unsound of ['', '   ', 'x'.repeat(201), 'two\nlines']) {
    expect((await capture(unsound)).codes).toEqual(['NOTE_INVALID'])
  }
  expect((await capture('4111 1111 1111 1111')).codes).toEqual(['CARD_NUMBER_REFUSED'])
  expect(await world.moneyIn(accountId)).toEqual([300, 200, 0])
  expect((await capture(' bought with a stolen card ')).data.status).toBe('CAPTURED')
  expect((await capture('bought with a stolen card')).data.status).toBe('CAPTURED')
  expect((await capture('another reason')).codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  expect(await world.moneyIn(accountId)).toEqual([300, 0, 0])
  const held = `{ accounts(where: { kind: { eq: HELD } }) { edges { node {
    entries { edges { node { transfer { kind note holdId } } } } } } } }`
  const [{ node }] = (await world.ask('cashier', held)).data.accounts.edges
  const taken = { kind: 'CAPTURE', note: 'bought with a stolen card', holdId: data.id }
  expect(node.entries.edges.at(-1)).toEqual({ node: { transfer: taken } })
  const audited = (await world.sent('audit')).filter(({ action }) => action === 'hold.captured')
  expect(audited).toMatchObject([{ details: { amount: '200', reason: taken.note } }])
})

test('held money is not taken without a reason', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('cashier', 'holdFunds', { accountId, money: eur(200) })
  const input = `{ holdId: "${data.id}", idempotencyKey: "${newKey()}" }`
  const { codes } = await world.ask('cashier', `mutation { captureHold(input: ${input}) { id } }`)
  expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  expect(await world.moneyIn(accountId)).toEqual([300, 200, 0])
})

test('only a withdrawal is completed: a review answers HOLD_PURPOSE_OTHER', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('cashier', 'holdFunds', { accountId, money: eur(200) })
  const { codes } = await world.act('cashier', 'completeWithdrawal', { holdId: data.id })
  expect(codes).toEqual(['HOLD_PURPOSE_OTHER'])
})

test('a frozen hold is neither released nor captured nor paid out until it is thawed: HOLD_FROZEN', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const holdId = data.id
  const frozen = await world.act('officer', 'freezeHold', { holdId, reason })
  expect(frozen.data).toMatchObject({ isFrozen: true, status: 'OPEN' })
  for (const act of ['releaseHold', 'captureHold', 'completeWithdrawal'] as const) {
    expect((await world.act('cashier', act, { holdId })).codes).toEqual(['HOLD_FROZEN'])
  }
  expect((await world.act('player', 'releaseHold', { holdId })).codes).toEqual(['HOLD_FROZEN'])
  expect(await world.moneyIn(accountId)).toEqual([300, 200, 0])
  const thawed = await world.act('officer', 'thawHold', { holdId, reason: 'explained' })
  expect(thawed.data).toMatchObject({ isFrozen: false, status: 'OPEN' })
  expect((await world.act('player', 'releaseHold', { holdId })).data.status).toBe('RELEASED')
  expect((await world.act('officer', 'freezeHold', { holdId, reason })).codes).toEqual([
    'HOLD_ENDED',
  ])
  expect((await world.act('officer', 'thawHold', { holdId, reason })).codes).toEqual(['HOLD_ENDED'])
})

test('freezing twice for one reason changes and audits nothing more; thawing what is not frozen neither', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const input = { holdId: data.id, reason }
  await world.act('officer', 'thawHold', input)
  const first = await world.act('officer', 'freezeHold', input)
  expect(first).toMatchObject({ codes: [], data: { isFrozen: true } })
  expect(await world.act('officer', 'freezeHold', { ...input, reason: ` ${reason} ` })).toEqual(
    first,
  )
  const actions = (await world.sent('audit')).map(({ action }) => action)
  expect(actions.filter((action) => String(action).startsWith('hold.'))).toEqual(['hold.frozen'])
})

const HOLDS = '{ holds { edges { node { isFrozen frozenReason } } } }'

test('a frozen hold is not frozen for another reason: HOLD_FROZEN, and the first one stands', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const freeze = async (text: string) =>
    (await world.act('officer', 'freezeHold', { holdId: data.id, reason: text })).codes
  expect(await freeze(reason)).toEqual([])
  expect(await freeze('another reason')).toEqual(['HOLD_FROZEN'])
  const node = { isFrozen: true, frozenReason: reason }
  expect((await world.ask('officer', HOLDS)).data.holds.edges).toEqual([{ node }])
  await world.act('officer', 'thawHold', { holdId: data.id, reason: 'explained' })
  expect(await freeze('another reason')).toEqual([])
})

test('why a hold was frozen and why it was thawed stay in the audit log, with whose money and how much', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const holdId = data.id
  await world.act('officer', 'freezeHold', { holdId, reason: ` ${reason} ` })
  await world.act('officer', 'thawHold', { holdId, reason: 'explained' })
  const card = await world.act('officer', 'freezeHold', { holdId, reason: '4111 1111 1111 1111' })
  expect(card.codes).toEqual(['CARD_NUMBER_REFUSED'])
  const audited = (await world.sent('audit'))
    .filter(({ action }) => String(action).startsWith('hold.'))
    .map(({ action, resource, details }) => ({ action, resource, details }))
  const resource = { type: 'hold', id: holdId }
  const details = { accountId, amount: '200', currency: 'EUR' }
  expect(audited).toEqual([
    { action: 'hold.frozen', resource, details: { ...details, reason } },
    { action: 'hold.thawed', resource, details: { ...details, reason: 'explained' } },
  ])
})

test('freezing asks for its own scope, a reason and reach', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const { data } = await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const input = { holdId: data.id, reason }
  const codesOf = async (...call: Parameters<typeof world.act>) => (await world.act(...call)).codes
  expect(await codesOf('cashier', 'freezeHold', input)).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect(await codesOf('officer', 'freezeHold', { ...input, reason: '' })).toEqual(['NOTE_INVALID'])
  const foreign = { ...VIEWERS.officer, reach: VIEWERS.globexCashier.reach }
  expect(await codesOf(foreign, 'freezeHold', input)).toEqual(['HOLD_NOT_FOUND'])
  expect(await codesOf('officer', 'freezeHold', input)).toEqual([])
})

test('with the stricter rules nobody thaws money of their own', async () => {
  await using world = await openLedger({ guild: { complianceMode: true } })
  const officer = { ...VIEWERS.officer, scopes: ['bets:place', 'money:freeze', 'money:read'] }
  const accountId = await world.openAccount(officer, { guildId: ACME_GUILD })
  await world.act('cashier', 'deposit', { accountId, money: eur(500) })
  const { data } = await world.act(officer, 'requestWithdrawal', { accountId, money: eur(200) })
  const input = { holdId: data.id, reason }
  expect((await world.act(officer, 'freezeHold', input)).codes).toEqual([])
  expect((await world.act(officer, 'thawHold', input)).codes).toEqual(['FOUR_EYES_REQUIRED'])
  const colleague = { ...VIEWERS.officer, userId: '38' }
  expect((await world.act(colleague, 'thawHold', input)).codes).toEqual([])
})

test('the same key ends a hold once and answers it again; ten at once end it once', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const asked = { accountId, money: eur(200), idempotencyKey: newKey() }
  const { data } = await world.act('player', 'requestWithdrawal', asked)
  expect((await world.act('player', 'requestWithdrawal', asked)).data).toEqual(data)
  const input = { holdId: data.id, idempotencyKey: newKey() }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => world.act('cashier', 'completeWithdrawal', input)),
  )
  for (const answer of answers) {
    expect(answer).toMatchObject({ data: { status: 'COMPLETED' }, codes: [] })
  }
  const other = { ...input, idempotencyKey: newKey() }
  expect((await world.act('cashier', 'completeWithdrawal', other)).codes).toEqual(['HOLD_ENDED'])
  expect(await world.moneyIn(accountId)).toEqual([300, 0, 0])
})

test('holds are listed within reach, and under the account to its owner', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  await world.act('player', 'requestWithdrawal', { accountId, money: eur(200) })
  const list =
    '{ holds(where: { status: { eq: OPEN } }) { edges { node { accountId money { amount } } } } }'
  const node = { accountId, money: { amount: '200' } }
  expect((await world.ask('cashier', list)).data.holds.edges).toEqual([{ node }])
  expect((await world.ask('globexCashier', list)).data.holds.edges).toEqual([])
  expect((await world.ask('player', list)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const own = `{ account(id: "${accountId}") { holds { edges { node { accountId money { amount } } } } } }`
  expect((await world.ask('player', own)).data.account.holds.edges).toEqual([{ node }])
})

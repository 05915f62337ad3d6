import { expect, test } from 'vitest'
import type { Answer } from '../analytics-kit.ts'
import { ACME_GUILD, GLOBEX_GUILD, VIEWERS } from '../analytics-kit.ts'
import { eur, type LedgerWorld, openLedger } from './ledger-kit.ts'

const query = (args = '') =>
  `subscription { balanceChanged${args} { kind transferKind balance { amount currency } change { amount } } }`

async function take(stream: AsyncIterable<Answer>, count: number): Promise<Answer[]> {
  const taken: Answer[] = []
  for await (const answer of stream) {
    taken.push(answer)
    if (taken.length === count) break
  }
  return taken
}

const changesIn = (answers: readonly Answer[]) =>
  answers.map(({ data }) => {
    const { kind, transferKind, balance, change } = data.balanceChanged
    return `${kind} ${transferKind} ${change.amount} = ${balance.amount} ${balance.currency}`
  })

const deposit = (world: LedgerWorld, accountId: string, amount: number) =>
  world.act('cashier', 'deposit', { accountId, money: eur(amount) })

test('a member follows their money live, and goes on after the cursor last seen without gap or double', async () => {
  await using world = await openLedger()
  const accountId = await world.openAccount('player')
  const connection = new AbortController()
  const stream = await world.follow(query(), { who: 'player', signal: connection.signal })
  const first = take(stream, 1)
  await deposit(world, accountId, 500)
  const [head] = await first
  connection.abort()
  expect(changesIn(head ? [head] : [])).toEqual(['PLAYER DEPOSIT 500 = 500 EUR'])
  await deposit(world, accountId, 100)
  await world.act('player', 'requestWithdrawal', { accountId, money: eur(150) })
  const resumed = await world.follow(query(), {
    ...{ who: 'player', resume: head?.cursor ?? null },
    signal: AbortSignal.timeout(20_000),
  })
  expect(changesIn(await take(resumed, 3))).toEqual([
    'PLAYER DEPOSIT 100 = 600 EUR',
    'PLAYER HOLD -150 = 450 EUR',
    'HELD HOLD 150 = 150 EUR',
  ])
})

test('readers of money follow another within their reach; others answer PORTFOLIO_OF_OTHERS', async () => {
  await using world = await openLedger()
  const { signal } = new AbortController()
  const elsewhere = { ...VIEWERS.globexPlayer, userId: '21' }
  const foreign = await world.openAccount(elsewhere)
  const accountId = await world.openAccount('player')
  const ofPlayer = query('(userId: "21")')
  const reader = take(await world.follow(ofPlayer, { who: 'officer', signal }), 1)
  await world.act('globexCashier', 'deposit', { accountId: foreign, money: eur(7) })
  await deposit(world, accountId, 500)
  expect(changesIn(await reader)).toEqual(['PLAYER DEPOSIT 500 = 500 EUR'])
  const [refused] = await take(await world.follow(ofPlayer, { who: 'otherPlayer', signal }), 1)
  expect(refused?.codes).toEqual(['PORTFOLIO_OF_OTHERS'])
  const [nobody] = await take(await world.follow(ofPlayer, { who: 'anonymous', signal }), 1)
  expect(nobody?.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('following another is recorded once where it begins, in guilds that log reads; following oneself is not', async () => {
  await using world = await openLedger({ guild: { auditLogging: true } })
  const accountId = await world.openAccount('player')
  const followed = async () =>
    (await world.sent('audit')).filter(({ action }) => String(action).endsWith('.followed'))
  const { signal } = new AbortController()
  const own = take(await world.follow(query(), { who: 'player', signal }), 2)
  const reader = take(await world.follow(query('(userId: "21")'), { who: 'officer', signal }), 2)
  const better = { ...VIEWERS.officer, scopes: ['bets:read'] }
  await world.follow('subscription { betChanged(userId: "21") { betId } }', { who: better, signal })
  await deposit(world, accountId, 500)
  await deposit(world, accountId, 100)
  expect((await own).length + (await reader).length).toBe(4)
  await expect.poll(followed).toMatchObject([
    { action: 'accounts.followed', actor: { userId: '33' }, guildId: ACME_GUILD },
    { action: 'bets.followed', actor: { userId: '33' }, guildId: ACME_GUILD },
  ])
})

test('where reads are not logged, or lie beyond reach, following another records nothing', async () => {
  await using world = await openLedger()
  await world.deliver('globex-logs', 'guild.updated', {
    ...{ guildId: GLOBEX_GUILD, tenantId: '2', enterpriseFeatures: false },
    ...{ complianceMode: false, auditLogging: true },
  })
  const { signal } = new AbortController()
  const accountId = await world.openAccount('player')
  const reader = take(await world.follow(query('(userId: "21")'), { who: 'officer', signal }), 1)
  await deposit(world, accountId, 500)
  await reader
  const actions = (await world.sent('audit')).map(({ action }) => action)
  expect(actions).toEqual(['account.opened', 'money.deposited'])
})

test('a key that belongs to nobody says whose portfolio: PORTFOLIO_USER_REQUIRED', async () => {
  await using world = await openLedger()
  const { signal } = new AbortController()
  const key = {
    ...VIEWERS.officer,
    kind: 'key',
    userId: null,
    sessionId: null,
    keyId: '5',
  } as const
  const [refused] = await take(await world.follow(query(), { who: key, signal }), 1)
  expect(refused?.codes).toEqual(['PORTFOLIO_USER_REQUIRED'])
})

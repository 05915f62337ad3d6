import { expect, test } from 'vitest'
import { Account } from '#subgraphs/analytics/entities/account.ts'
import { ACME_GUILD, GLOBEX_GUILD, userOf, VIEWERS } from '../analytics-kit.ts'
import { eur, openLedger } from './ledger-kit.ts'

const OPEN = `mutation ($input: OpenAccountInput!) { openAccount(input: $input) {
  id kind currency user { id } guild { id } balance { amount } } }`
const OF_USER = `query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) {
  ... on User { accounts { edges { node { id currency balance { amount } } } } } } }`

test('a member opens an account in their guild, once however often, and that is audited once', async () => {
  await using world = await openLedger()
  const input = { currency: 'EUR' }
  const first = await world.ask('player', OPEN, { input })
  const second = await world.ask('player', OPEN, { input })
  expect(first.data.openAccount).toMatchObject({
    ...{ kind: 'PLAYER', currency: 'EUR', user: { id: '21' }, guild: { id: ACME_GUILD } },
    balance: { amount: '0' },
  })
  expect(second.data).toEqual(first.data)
  expect((await world.sent('audit')).map(({ action }) => action)).toEqual(['account.opened'])
})

test('one account for each currency; what is no currency answers KERNEL_CURRENCY_INVALID', async () => {
  await using world = await openLedger()
  const euros = await world.openAccount('player')
  expect(await world.openAccount('player', { currency: 'GBP' })).not.toBe(euros)
  const { codes } = await world.ask('player', OPEN, { input: { currency: 'euro' } })
  expect(codes).toEqual(['KERNEL_CURRENCY_INVALID'])
})

test('a currency is one in use: what only looks like one answers KERNEL_CURRENCY_INVALID', async () => {
  await using world = await openLedger()
  for (const currency of ['ABC', 'XTS', 'XDR', 'eur', 'EUR ']) {
    const { codes } = await world.ask('player', OPEN, { input: { currency } })
    expect([currency, ...codes]).toEqual([currency, 'KERNEL_CURRENCY_INVALID'])
  }
  for (const currency of ['CHF', 'JPY', 'XAF']) await world.openAccount('player', { currency })
})

test('rights in a tenant name the guild; none, a foreign or an unknown one is refused', async () => {
  await using world = await openLedger()
  const open = (input: object) =>
    world.ask('cashier', OPEN, { input: { currency: 'EUR', ...input } })
  expect((await open({ guildId: ACME_GUILD })).data.openAccount.user).toEqual({ id: '31' })
  expect((await open({})).codes).toEqual(['ACCOUNT_GUILD_REQUIRED'])
  expect((await open({ guildId: GLOBEX_GUILD })).codes).toEqual(['ACCOUNT_GUILD_FOREIGN'])
  expect((await open({ guildId: '99' })).codes).toEqual(['ACCOUNT_GUILD_FOREIGN'])
  expect((await open({ guildId: 'x' })).codes).toEqual(['ACCOUNT_GUILD_FOREIGN'])
})

test('who books money opens accounts for others; a member answers ACCOUNT_OPENING_REFUSED', async () => {
  await using world = await openLedger()
  const input = { currency: 'EUR', userId: '22', guildId: ACME_GUILD }
  expect((await world.ask('cashier', OPEN, { input })).data.openAccount.user).toEqual({ id: '22' })
  for (const userId of ['22', 'x']) {
    const refused = await world.ask('player', OPEN, { input: { ...input, userId } })
    expect(refused.codes).toEqual(['ACCOUNT_OPENING_REFUSED'])
  }
  const spectator = await world.ask('spectator', OPEN, { input })
  expect(spectator.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('an account for another is one of a person whom identity knows in the guild: ACCOUNT_PERSON_UNKNOWN', async () => {
  await using world = await openLedger()
  const open = async (userId: string) => {
    const input = { currency: 'EUR', userId, guildId: ACME_GUILD }
    return (await world.ask('cashier', OPEN, { input })).codes
  }
  world.identity.know({
    people: {
      '22': { guildIds: [GLOBEX_GUILD, ACME_GUILD] },
      '23': { guildIds: [GLOBEX_GUILD] },
    },
  })
  expect(await open('22')).toEqual([])
  // The second time nobody is asked: the account stands.
  expect(await open('22')).toEqual([])
  expect(world.identity.asked).toEqual(['22'])
  expect(await open('23')).toEqual(['ACCOUNT_PERSON_UNKNOWN'])
  expect(await open('4711')).toEqual(['ACCOUNT_PERSON_UNKNOWN'])
  expect(await world.database.acrossTenants().count(Account, { owner: '4711' })).toBe(0)
  await world.openAccount('cashier', { guildId: ACME_GUILD })
  expect(world.identity.asked).toEqual(['22', '23', '4711'])
  // What is no id at all is nobody's, and identity need not be asked.
  for (const userId of ['x', '', '-1', '0x1']) {
    expect(await open(userId)).toEqual(['ACCOUNT_PERSON_UNKNOWN'])
  }
  expect(world.identity.asked).toEqual(['22', '23', '4711'])
})

test('without identity’s answer no account is opened for another: IDENTITY_UNAVAILABLE; one’s own is', async () => {
  await using world = await openLedger()
  const input = { currency: 'EUR', userId: '22', guildId: ACME_GUILD }
  for (const failing of ['throws', { status: 503 }] as const) {
    world.identity.know(failing)
    const { codes } = await world.ask('cashier', OPEN, { input })
    expect(codes).toEqual(['IDENTITY_UNAVAILABLE'])
  }
  // An answer that nobody understands is no outage.
  world.identity.know({ status: 200 })
  expect((await world.ask('cashier', OPEN, { input })).codes).toEqual(['SERVICE_ANSWER_INVALID'])
  await world.openAccount('player')
})

test('an account is found by its owner and by who reads money there; to all others it is not there', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const find = async (who: Parameters<typeof world.ask>[0]) => {
    const query = `{ account(id: "${accountId}") { balance { amount currency } } }`
    return (await world.ask(who, query)).data.account
  }
  const account = { balance: eur(500) }
  expect(await find('player')).toEqual(account)
  expect(await find('cashier')).toEqual(account)
  expect(await find('otherPlayer')).toBeNull()
  expect(await find('globexCashier')).toBeNull()
  // The owner, acting somewhere else.
  expect(await find(userOf({ kind: 'none' }, [], '21'))).toEqual(account)
  const unknown = await world.ask('cashier', '{ account(id: "nonsense") { id } }')
  expect(unknown).toMatchObject({ data: { account: null }, codes: [] })
})

test('a foreign account answers ACCOUNT_NOT_FOUND to whoever would move its money', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const money = eur(100)
  const codesOf = async (...call: Parameters<typeof world.act>) => (await world.act(...call)).codes
  const input = { accountId, money }
  expect(await codesOf('globexCashier', 'deposit', input)).toEqual(['ACCOUNT_NOT_FOUND'])
  expect(await codesOf('globexCashier', 'holdFunds', input)).toEqual(['ACCOUNT_NOT_FOUND'])
  const adjustment = { ...input, reason: 'because' }
  expect(await codesOf('globexCashier', 'adjustBalance', adjustment)).toEqual(['ACCOUNT_NOT_FOUND'])
  expect(await codesOf('otherPlayer', 'requestWithdrawal', input)).toEqual(['ACCOUNT_NOT_FOUND'])
  const nowhere = { ...input, accountId: '99' }
  expect(await codesOf('cashier', 'deposit', nowhere)).toEqual(['ACCOUNT_NOT_FOUND'])
  expect(await world.moneyIn(accountId)).toEqual([500, 0, 0])
})

test('the house’s accounts take no deposit', async () => {
  await using world = await openLedger()
  await world.fund(500)
  const cash = await world.database.acrossTenants().findOneOrFail(Account, { kind: 'cash' })
  const input = { accountId: cash.id, money: eur(100) }
  expect((await world.act('cashier', 'deposit', input)).codes).toEqual(['ACCOUNT_NOT_FOUND'])
})

test('a person sees all of their accounts; of others, readers of money see those within reach', async () => {
  await using world = await openLedger()
  await world.fund(500)
  await world.openAccount(userOf(VIEWERS.globexPlayer.reach, ['bets:place'], '21'))
  const balances = async (who: Parameters<typeof world.ask>[0]) => {
    const { data, codes } = await world.ask(who, OF_USER, { id: '21' })
    const edges = data._entities[0].accounts?.edges ?? []
    return [
      ...edges.map((edge: { node: { balance: { amount: string } } }) => edge.node.balance.amount),
      ...codes,
    ]
  }
  expect(await balances('player')).toEqual(['500', '0'])
  expect(await balances('cashier')).toEqual(['500'])
  expect(await balances('globexCashier')).toEqual(['0'])
  expect(await balances('otherPlayer')).toEqual(['MONEY_OF_OTHERS'])
  expect(await balances('anonymous')).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('the lists hold what lies within reach, the house’s side too, and nothing without money:read', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const accounts =
    '{ accounts(where: { kind: { in: [PLAYER, CASH] } }, orderBy: [{ field: OPENED_AT, direction: ASC }]) { edges { node { kind balance { amount } user { id } } } } }'
  const nodes = (await world.ask('cashier', accounts)).data.accounts.edges
  expect(nodes.map(({ node }: { node: object }) => node)).toEqual([
    { kind: 'PLAYER', balance: { amount: '500' }, user: { id: '21' } },
    { kind: 'CASH', balance: { amount: '-500' }, user: null },
  ])
  const entries =
    '{ ledgerEntries(where: { amount: { gt: 0 } }) { edges { node { accountId amount { amount } balanceAfter { amount } transfer { kind actor { id } entries { amount { amount } } } } } } }'
  expect((await world.ask('cashier', entries)).data.ledgerEntries.edges).toEqual([
    {
      node: {
        accountId,
        amount: { amount: '500' },
        balanceAfter: { amount: '500' },
        transfer: {
          kind: 'DEPOSIT',
          actor: { id: '31' },
          entries: [{ amount: { amount: '500' } }, { amount: { amount: '-500' } }],
        },
      },
    },
  ])
  for (const query of [accounts, entries]) {
    const [list] = Object.values((await world.ask('globexCashier', query)).data)
    expect(list).toEqual({ edges: [] })
    expect((await world.ask('player', query)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  }
})

test('the owner reads the entries of their account, and who booked them is not told', async () => {
  await using world = await openLedger()
  const accountId = await world.fund(500)
  const query = `{ account(id: "${accountId}") { entries { edges { node { amount { amount } transfer { kind note actor { id } } } } } } }`
  const { data, codes } = await world.ask('player', query)
  expect(data.account.entries.edges).toEqual([
    { node: { amount: { amount: '500' }, transfer: { kind: 'DEPOSIT', note: null, actor: null } } },
  ])
  expect(codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('in a guild that logs reads, reading the money of others is recorded, reading one’s own is not', async () => {
  await using world = await openLedger({ guild: { auditLogging: true } })
  const accountId = await world.fund(500)
  const readsOf = async () =>
    (await world.sent('audit')).filter(({ action }) => String(action).endsWith('.read'))
  await world.ask(
    'player',
    `{ account(id: "${accountId}") { balance { amount } entries { edges { node { id } } } } }`,
  )
  expect(await readsOf()).toEqual([])
  await world.ask('cashier', `{ account(id: "${accountId}") { balance { amount } } }`)
  expect(await readsOf()).toMatchObject([
    { action: 'accounts.read', actor: { userId: '31' }, details: { count: 1 } },
  ])
})

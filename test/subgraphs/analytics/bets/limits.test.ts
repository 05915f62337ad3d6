import { expect, test } from 'vitest'
import { ACME_GUILD, GLOBEX_GUILD, userOf, VIEWERS, type Who } from '../analytics-kit.ts'
import { openLedger } from '../ledger/ledger-kit.ts'
import { TRADER } from './kit/betting-kit.ts'

const SET = 'mutation ($input: SetBettingLimitInput!) { setBettingLimit(input: $input) { id } }'

const LIMITS = {
  ...{ minStake: '500', maxStake: '600', maxPayout: '700' },
  ...{ maxLegs: 2, cashOutFeeBasisPoints: 10 },
}

const OTHER_GUILD = '81384788765712399'

const GLOBEX_TRADER = { ...TRADER, reach: { kind: 'tenant', tenantId: '2' } as const }

/** A guild of Acme with limits for EUR, a second one of Acme, and one of Globex with its own. */
async function openWorld() {
  const world = await openLedger()
  const second = { guildId: OTHER_GUILD, tenantId: '1' }
  await world.deliver('second-guild', 'guild.registered', second)
  const set = async (who: Who, guildId: string, currency: string) => {
    const input = { ...LIMITS, guildId, currency }
    expect((await world.ask(who, SET, { input })).codes).toEqual([])
  }
  await set(TRADER, ACME_GUILD, 'EUR')
  await set(TRADER, OTHER_GUILD, 'EUR')
  await set(GLOBEX_TRADER, GLOBEX_GUILD, 'EUR')
  const limitsOf = async (who: Who, guildId: string = ACME_GUILD) => {
    const query = `{ _entities(representations: [{ __typename: "Guild", id: "${guildId}" }]) {
      ... on Guild { bettingLimits { id currency isDefault updatedAt maxLegs cashOutFeeBasisPoints
        guild { id } minStake { amount } maxStake { amount } maxPayout { amount currency } } } } }`
    const { data, codes } = await world.ask(who, query)
    return { codes, limits: data?._entities[0]?.bettingLimits ?? null }
  }
  return { ...world, set, limitsOf, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const SET_LIMIT = {
  ...{ id: expect.any(String), currency: 'EUR', isDefault: false, updatedAt: expect.any(String) },
  ...{ minStake: { amount: '500' }, maxStake: { amount: '600' } },
  ...{ maxPayout: { amount: '700', currency: 'EUR' }, maxLegs: 2, cashOutFeeBasisPoints: 10 },
  guild: { id: ACME_GUILD },
}

test('who may bet in a guild reads what may be staked there', async () => {
  await using world = await openWorld()
  expect(await world.limitsOf('player')).toEqual({ codes: [], limits: [SET_LIMIT] })
  expect(await world.limitsOf(TRADER)).toEqual({ codes: [], limits: [SET_LIMIT] })
})

test('the limits of another guild, of the same tenant or not, stay hidden from a member', async () => {
  await using world = await openWorld()
  for (const guildId of [OTHER_GUILD, GLOBEX_GUILD]) {
    expect(await world.limitsOf('player', guildId)).toEqual({ codes: [], limits: [] })
  }
  expect(await world.limitsOf('globexPlayer')).toEqual({ codes: [], limits: [] })
})

test('strangers, and people who may neither bet nor look after limits, read none', async () => {
  await using world = await openWorld()
  const refused = { codes: ['UNAUTHORIZED_FIELD_OR_TYPE'], limits: null }
  for (const who of ['anonymous', 'officer', 'spectator'] as const) {
    expect(await world.limitsOf(who)).toEqual(refused)
  }
})

test('in currencies of one’s accounts for which a guild set nothing the defaults stand', async () => {
  await using world = await openWorld()
  await world.openAccount('player', { currency: 'USD' })
  await world.openAccount('player', { currency: 'EUR' })
  await world.openAccount('otherPlayer', { currency: 'GBP' })
  const usd = {
    ...{ id: null, currency: 'USD', isDefault: true, updatedAt: null, guild: { id: ACME_GUILD } },
    ...{ minStake: { amount: '100' }, maxStake: { amount: '100000' }, maxLegs: 12 },
    ...{ maxPayout: { amount: '10000000', currency: 'USD' }, cashOutFeeBasisPoints: 500 },
  }
  expect((await world.limitsOf('player')).limits).toEqual([SET_LIMIT, usd])
  expect((await world.limitsOf(TRADER)).limits).toEqual([SET_LIMIT])
  await world.set(TRADER, ACME_GUILD, 'USD')
  const { limits } = await world.limitsOf('player')
  expect(limits).toMatchObject([SET_LIMIT, { currency: 'USD', isDefault: false, maxLegs: 2 }])
})

test('limits are set in currencies in use, as accounts are: KERNEL_CURRENCY_INVALID stores nothing', async () => {
  await using world = await openWorld()
  for (const currency of ['ZZZ', 'ABC', 'XTS', 'eur', 'euro']) {
    const input = { ...LIMITS, guildId: ACME_GUILD, currency }
    const { codes, details } = await world.ask(TRADER, SET, { input })
    expect([codes, details]).toEqual([['KERNEL_CURRENCY_INVALID'], [{ currency }]])
  }
  expect((await world.limitsOf(TRADER)).limits).toEqual([SET_LIMIT])
  for (const currency of ['CHF', 'JPY']) await world.set(TRADER, ACME_GUILD, currency)
  expect((await world.limitsOf(TRADER)).limits).toHaveLength(3)
})

test('a key reads the defaults of its owner’s currencies when it plays for the owner', async () => {
  await using world = await openWorld()
  const accountId = await world.openAccount('player', { currency: 'USD' })
  expect(accountId).toMatch(/^\d+$/)
  const key = (scopes: readonly string[]) => ({
    ...userOf(VIEWERS.player.reach, scopes, '21'),
    ...{ kind: 'key' as const, keyId: '5', sessionId: null },
  })
  const currencies = async (who: Who) =>
    (await world.limitsOf(who)).limits.map(({ currency }: { currency: string }) => currency)
  expect(await currencies(key(['bets:place']))).toEqual(['EUR', 'USD'])
  expect(await currencies(key(['limits:read']))).toEqual(['EUR'])
})

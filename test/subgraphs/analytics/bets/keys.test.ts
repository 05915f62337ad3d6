import { expect, test } from 'vitest'
import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import { type Answer, userOf, VIEWERS } from '../analytics-kit.ts'
import { eur } from '../ledger/ledger-kit.ts'
import { openBetting } from './kit/betting-kit.ts'
import { type Choice, game, price } from './kit/scripted-feed.ts'

const HOME: Choice = 'one/match_result/0/home'
const GLOBEX = VIEWERS.globexPlayer.reach
const ACME = VIEWERS.player.reach

/** A key of person 21. */
const keyOf = (reach: Reach, scopes: readonly string[]): Viewer => ({
  ...userOf(reach, scopes, '21'),
  ...{ kind: 'key', sessionId: null, keyId: '5' },
})

const OF_USER = `{ _entities(representations: [{ __typename: "User", id: "21" }]) { ... on User {
  accounts { edges { node { id } } } bets { edges { node { id } } } } } }`

/** One person who plays in a guild of Acme and in one of Globex. */
async function openWorld() {
  const world = await openBetting()
  await world.tell(game('one'), price(HOME, 2_000))
  const acme = await world.fund(5_000)
  const elsewhere = userOf(GLOBEX, ['bets:place'], '21')
  const globex = await world.openAccount(elsewhere)
  await world.act('globexCashier', 'deposit', { accountId: globex, money: eur(5_000) })
  const place = async (accountId: string, who: Viewer) =>
    (await world.place({ accountId, on: { [HOME]: 2_000 } }, who)).data.id as string
  const bets = { acme: await place(acme, VIEWERS.player), globex: await place(globex, elsewhere) }
  const seenBy = async (who: Viewer) => {
    const { data, codes } = await world.ask(who, OF_USER)
    const ids = ({ edges = [] }: { edges?: { node: { id: string } }[] }) =>
      edges.map(({ node }) => node.id)
    const user = data._entities[0]
    const account = (id: string) => world.ask(who, `{ account(id: "${id}") { id } }`)
    const found = async (answer: Promise<Answer>) => (await answer).data.account?.id ?? null
    return {
      ...{ accounts: ids(user.accounts ?? {}), bets: ids(user.bets ?? {}), codes },
      one: [await found(account(acme)), await found(account(globex))],
      bet: [await world.bet(bets.acme, who, 'id'), await world.bet(bets.globex, who, 'id')].map(
        (bet) => bet?.id ?? null,
      ),
    }
  }
  return { ...world, accounts: { acme, globex }, bets, seenBy }
}

test('a person sees their own in every tenant; a key of theirs with bets:place what lies within its reach', async () => {
  await using world = await openWorld()
  const { accounts, bets, seenBy } = world
  expect(await seenBy(userOf(ACME, [], '21'))).toEqual({
    ...{ accounts: [accounts.acme, accounts.globex], bets: [bets.acme, bets.globex], codes: [] },
    one: [accounts.acme, accounts.globex],
    bet: [bets.acme, bets.globex],
  })
  expect(await seenBy(keyOf(ACME, ['bets:place']))).toEqual({
    ...{ accounts: [accounts.acme], bets: [bets.acme], codes: [] },
    ...{ one: [accounts.acme, null], bet: [bets.acme, null] },
  })
  expect(await seenBy(keyOf(GLOBEX, ['bets:read', 'money:read']))).toEqual({
    ...{ accounts: [accounts.globex], bets: [bets.globex], codes: [] },
    ...{ one: [null, accounts.globex], bet: [null, bets.globex] },
  })
})

test('a key without a scope for it sees nothing of its owner', async () => {
  await using world = await openWorld()
  const nothing = { accounts: [], bets: [], one: [null, null], bet: [null, null] }
  const codes = ['MONEY_OF_OTHERS', 'BETS_OF_OTHERS']
  const seen = await world.seenBy(keyOf(ACME, ['fixtures:read']))
  expect({ ...seen, codes: seen.codes.sort() }).toEqual({ ...nothing, codes: codes.sort() })
  // Another's key is no better for placing bets.
  const foreign = { ...keyOf(ACME, ['bets:place']), userId: '22' }
  expect((await world.seenBy(foreign)).bet).toEqual([null, null])
})

test('a key shows entries and holds of its owner’s account within reach, and only there', async () => {
  await using world = await openWorld()
  const { acme, globex } = world.accounts
  await world.act('player', 'requestWithdrawal', { accountId: acme, money: eur(10) })
  const detail = async (id: string) => {
    const query = `{ account(id: "${id}") { entries { edges { node { id } } } holds { edges { node { id } } } } }`
    return (await world.ask(keyOf(ACME, ['bets:place']), query)).data.account
  }
  const { entries, holds } = await detail(acme)
  expect([entries.edges.length, holds.edges.length]).toEqual([3, 1])
  expect(await detail(globex)).toBeNull()
})

test('a key places bets from its owner’s account within reach, and from no other', async () => {
  await using world = await openWorld()
  const { acme, globex } = world.accounts
  const key = keyOf(ACME, ['bets:place'])
  const place = (accountId: string) => world.place({ accountId, on: { [HOME]: 2_000 } }, key)
  expect((await place(acme)).codes).toEqual([])
  expect((await place(globex)).codes).toEqual(['ACCOUNT_NOT_FOUND'])
  const input = { accountId: globex, money: eur(10) }
  expect((await world.act(key, 'requestWithdrawal', input)).codes).toEqual(['ACCOUNT_NOT_FOUND'])
})

async function first(stream: AsyncIterable<Answer>, count = 1): Promise<Answer[]> {
  const taken: Answer[] = []
  for await (const answer of stream) {
    taken.push(answer)
    if (taken.length === count) break
  }
  return taken
}

test('a key follows its owner live within reach alone, and without a scope not at all', async () => {
  await using world = await openWorld()
  const { signal } = new AbortController()
  const CHANGES = 'subscription { balanceChanged { accountId } }'
  const who = keyOf(ACME, ['bets:place'])
  const live = first(await world.follow(CHANGES, { who, signal }))
  const own = first(await world.follow(CHANGES, { who: 'player', signal }), 2)
  const { acme, globex } = world.accounts
  await world.act('globexCashier', 'deposit', { accountId: globex, money: eur(5) })
  await world.act('cashier', 'deposit', { accountId: acme, money: eur(5) })
  const accountsIn = (answers: Answer[]) => answers.map(({ data }) => data.balanceChanged.accountId)
  expect(accountsIn(await live)).toEqual([acme])
  expect(accountsIn(await own)).toEqual([globex, acme])
  const blind = keyOf(ACME, ['fixtures:read'])
  const [refused] = await first(await world.follow(CHANGES, { who: blind, signal }))
  expect(refused?.codes).toEqual(['PORTFOLIO_OF_OTHERS'])
})

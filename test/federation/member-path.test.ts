import { expect, test } from 'vitest'
import { openEventStream } from '../kit/live-clients.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { betOn, IDS, openAcmeBets, SHARPS } from './acme-bets.ts'
import { changed, take, untilAnswer } from './world.ts'

const SEEN = `{ fixtures(where: { status: { eq: SCHEDULED } }) { edges { node {
  id home markets { type selections { id name bestBack { odds } } } } } } }`
const BALANCE = '{ me { accounts { edges { node { balance { amount } } } } } }'
const BETS = 'subscription { betChanged { type betId outcome payout { amount } } }'
const BALANCES = `subscription { balanceChanged {
  kind transferKind change { amount } balance { amount } } }`
const TRAIL = `{ guild(id: "${SHARPS}") { auditTrail(first: 50) { edges { node {
  action userId resourceType resourceId } } } } }`

type Entry = { action: string; userId: string; resourceType: string; resourceId: string | null }
type Trail = { auditTrail: { edges: { node: Entry }[] } }
type Markets = { type: string; selections: { id: string; name: string; bestBack: object }[] }[]
type Fixtures = { edges: { node: { id: string; home: string; markets: Markets } }[] }
type Me = { accounts: { edges: { node: { balance: { amount: string } } }[] } }

/** Follows a subscription with the member's token: what came, field by field. */
async function follow(platform: TestPlatform, query: string) {
  const authorization = `Bearer ${await platform.tokenOf(PEOPLE.acmeMember)}`
  const stream = await openEventStream(platform.url, { query }, { authorization })
  return {
    told: () =>
      stream.events.flatMap(({ data }) =>
        Object.values((data as { data?: Record<string, unknown> } | null)?.data ?? {}),
      ),
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  }
}

test('a member bets, follows the bet live and wins; the officer reads of it, and that is read too', async () => {
  await using platform = await startPlatform()
  const { operator, member, officer, games, accountId } = await openAcmeBets(platform)
  await using _games = games
  const game = await games.open()

  const { edges } = await take<Fixtures>(member, SEEN)
  const fixture = edges.find(({ node }) => node.id === game.fixtureId)?.node
  const home = fixture?.markets[0]?.selections.find(({ id }) => id === game.selectionId)
  expect(home).toMatchObject({ name: 'HOME', bestBack: { odds: 2_000 } })

  await using bets = await follow(platform, BETS)
  await using balances = await follow(platform, BALANCES)
  const bet = betOn(accountId, game, 'the-members-bet')
  const placed = await changed<{ id: string; status: string }>(member, 'placeBet', bet, 'id status')
  expect(placed.status).toBe('OPEN')
  const betId = placed.id
  await untilAnswer(
    async () => [bets.told(), balances.told()],
    ([ofBets, ofMoney]) => ofBets?.length === 1 && ofMoney?.length === 1,
  )

  await games.begin(game)
  const result = { fixtureId: game.fixtureId, home: 2, away: 1, reason: 'as the referee wrote it' }
  await changed(operator, 'correctResult', result)
  await untilAnswer(
    async () => [bets.told(), balances.told()],
    ([ofBets, ofMoney]) => ofBets?.length === 2 && ofMoney?.length === 2,
  )
  expect(bets.told()).toEqual([
    { type: 'PLACED', betId, outcome: null, payout: null },
    { type: 'SETTLED', betId, outcome: 'WON', payout: { amount: '2000' } },
  ])
  const player = { kind: 'PLAYER' }
  expect(balances.told()).toEqual([
    { ...player, transferKind: 'STAKE', change: { amount: '-1000' }, balance: { amount: '99000' } },
    {
      ...player,
      transferKind: 'PAYOUT',
      change: { amount: '2000' },
      balance: { amount: '101000' },
    },
  ])
  const { accounts } = await take<Me>(member, BALANCE)
  expect(accounts.edges.map(({ node }) => node.balance.amount)).toEqual(['101000'])

  const trail = async () =>
    (await take<Trail>(officer, TRAIL)).auditTrail.edges.map(({ node }) => node)
  const told = await untilAnswer(trail, (entries) =>
    entries.some(({ action }) => action === 'bet.settled'),
  )
  const ofBet = told.filter(
    ({ resourceType, resourceId }) => `${resourceType}:${resourceId}` === `bet:${betId}`,
  )
  expect(ofBet.map(({ action }) => action).sort()).toEqual(['bet.placed', 'bet.settled'])
  expect(ofBet.find(({ action }) => action === 'bet.placed')?.userId).toBe(IDS.member)
  const again = await untilAnswer(trail, (entries) =>
    entries.some(({ action }) => action === 'audit.read'),
  )
  const reads = again.filter(({ action }) => action === 'audit.read')
  expect(new Set(reads.map(({ userId }) => userId))).toEqual(new Set([IDS.officer]))
})

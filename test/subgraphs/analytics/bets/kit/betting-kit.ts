import { createAudit } from '#kernel/audit/audit.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createSettlement } from '#subgraphs/analytics/services/settlement/settlement.ts'
import { silentLog } from '../../../../kit/database.ts'
import { type Answer, userOf, type Who, type WorldOptions } from '../../analytics-kit.ts'
import { eur, type GuildSettings, newKey, openLedger } from '../../ledger/ledger-kit.ts'
import { type Choice, game, openScriptedFeed } from './scripted-feed.ts'

const BET = `id type marketType status outcome odds settlements priceChange
  stake { amount currency } potentialPayout { amount } payout { amount }
  legs { position selectionId source askedOdds odds outcome marketType line selection }`

const PLACE = `mutation ($input: PlaceBetInput!) { placeBet(input: $input) { ${BET} } }`
const CASH_OUT = `mutation ($input: CashOutBetInput!) { cashOutBet(input: $input) { ${BET} } }`
const CORRECT = `mutation ($input: CorrectResultInput!) {
  correctResult(input: $input) { id status score { home away } } }`
const ABANDON = `mutation ($input: AbandonFixtureInput!) {
  abandonFixture(input: $input) { id status score { home away } } }`
const REOPEN = `mutation ($input: ReopenFixtureInput!) {
  reopenFixture(input: $input) { id status startsAt score { home away } } }`

/** Decides results, and sees all there is. */
export const REFEREE = userOf(
  { kind: 'platform' },
  [
    'bets:read',
    'bets:settle',
    'figures:read',
    'fixtures:read',
    'limits:write',
    'money:read',
    'odds:read',
  ],
  '90',
)

/** Who looks after the limits and figures of Acme. */
export const TRADER = userOf(
  { kind: 'tenant', tenantId: '1' },
  ['bets:read', 'figures:read', 'limits:read', 'limits:write'],
  '91',
)

/** One settler, as each process runs one. */
export const openSettler = (database: Database, events: Events) =>
  createSettlement({
    ...{ database, events, clock: systemClock, randomness: systemRandomness, log: silentLog },
    audit: createAudit({
      clock: systemClock,
      randomness: systemRandomness,
      clientSeal: { seal: () => null, unseal: () => null },
    }),
  })

/** What a test leaves out of a bet has its usual value. */
export type Asked = {
  accountId: string
  stake?: number | bigint
  currency?: string
  /** Picks with the odds asked for, in thousandths. */
  on: Readonly<Record<Choice, number>>
  source?: string
  priceChange?: 'EXACT' | 'BETTER' | 'ANY'
  key?: string
}

type Markets = { type: string; line: number; selections: { id: string; name: string }[] }[]

export type BettingWorld = Awaited<ReturnType<typeof openBetting>>

const field = (name: string) => (answer: Answer) => ({
  ...answer,
  data: answer.data?.[name] ?? null,
})

/** Guilds, players, compliance's stand-in, a feed that says what a test says, and a settler. */
export async function openBetting(options: WorldOptions & { guild?: GuildSettings } = {}) {
  const world = await openLedger(options)
  const { tell, events, runId } = await openScriptedFeed(world.database)
  const settler = openSettler(world.database, events)
  const known = new Map<string, { id: string; markets: Markets }>()

  const gameOf = async (name: string) => {
    const query = `query ($home: String!) { fixtures(where: { home: { eq: $home } }) { edges { node {
      id markets { type line selections { id name } } } } } }`
    const { data } = await world.ask('spectator', query, { home: `${name} home` })
    return data.fixtures.edges[0].node as { id: string; markets: Markets }
  }
  const fixtureOf = async (name: string) => {
    const found = known.get(name) ?? (await gameOf(name))
    known.set(name, found)
    return found
  }
  const selectionOf = async (choice: string): Promise<string> => {
    const [name = '', type = '', line, selection = ''] = choice.split('/')
    const find = ({ markets }: { markets: Markets }) =>
      markets
        .find((market) => market.type === type.toUpperCase() && market.line === Number(line))
        ?.selections.find((one) => one.name === selection.toUpperCase())?.id
    const remembered = find(await fixtureOf(name))
    if (remembered) return remembered
    known.delete(name)
    return find(await fixtureOf(name)) ?? '999999'
  }
  const toInput = async ({ accountId, stake = 1_000, on, ...asked }: Asked) => ({
    accountId,
    stake: { ...eur(stake), ...(asked.currency && { currency: asked.currency }) },
    legs: await Promise.all(
      Object.entries(on).map(async ([choice, odds]) => ({
        ...{ selectionId: await selectionOf(choice), odds },
        ...(asked.source && { source: asked.source }),
      })),
    ),
    priceChange: asked.priceChange ?? 'EXACT',
    idempotencyKey: asked.key ?? newKey(),
  })
  const placeRaw = async (input: object, who: Who = 'player') =>
    field('placeBet')(await world.ask(who, PLACE, { input }))
  const ask = world.ask
  return {
    ...world,
    ...{ tell, events, runId, settler, selectionOf, placeRaw, toInput },
    /** Its kick-off is an hour ago, unless it has a result already. */
    begin: (...names: string[]) => tell(...names.map((name) => game(name, -1))),
    fixtureId: async (name: string) => (await fixtureOf(name)).id,
    place: async (asked: Asked, who: Who = 'player') => placeRaw(await toInput(asked), who),
    /** A settler of another process on this database. */
    settlerOn: (database: Database) => openSettler(database, events),
    /** Settles all that is due. */
    settle: () => settler.settleDue(new AbortController().signal),
    correct: async (name: string, home: number, away: number, who: Who = REFEREE) => {
      const { id: fixtureId } = await fixtureOf(name)
      const input = { fixtureId, home, away, reason: 'the referee wrote it down wrongly' }
      return field('correctResult')(await ask(who, CORRECT, { input }))
    },
    abandon: async (name: string, who: Who = REFEREE) => {
      const { id: fixtureId } = await fixtureOf(name)
      const input = { fixtureId, reason: 'the floodlights failed' }
      return field('abandonFixture')(await ask(who, ABANDON, { input }))
    },
    reopen: async (name: string, startsInHours: number, who: Who = REFEREE) => {
      const { id: fixtureId } = await fixtureOf(name)
      const startsAt = new Date(systemClock.now().getTime() + startsInHours * 3_600_000)
      const input = { fixtureId, startsAt, reason: 'it was the result of another game' }
      return field('reopenFixture')(await ask(who, REOPEN, { input }))
    },
    cashOut: async (betId: string, amount: number, who: Who = 'player', key = newKey()) => {
      const input = { betId, amount: String(amount), idempotencyKey: key }
      return field('cashOutBet')(await ask(who, CASH_OUT, { input }))
    },
    bet: async (id: string, who: Who = 'player', selection = BET) =>
      (await ask(who, `{ bet(id: "${id}") { ${selection} } }`)).data?.bet ?? null,
    [Symbol.asyncDispose]: async () => {
      await events.close()
      await world[Symbol.asyncDispose]()
    },
  }
}

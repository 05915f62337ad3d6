import { isNonNullType } from 'graphql'
import { type EventStream, openEventStream } from '../../kit/live-clients.ts'
import { type Ask, PEOPLE, type TestPlatform } from '../../kit/platform.ts'
import type { Asker } from '../leak-matrix.ts'
import { changed, take } from '../world.ts'
import { foreignTexts, type Leak } from './judge.ts'
import { rootFieldsOf } from './operations.ts'
import { betOn } from './plant-betting.ts'
import type { ForeignWorld } from './side.ts'

/** What one asker's streams brought. */
export type StreamOutcome = { asker: string; streams: number; events: number; leaks: Leak[] }

type Opened = { asker: string; name: string; variables: object; stream: EventStream }

const SENTINEL = 'sentinel.flag'
/** Every event asks so many objects deep, at every stream. */
const DEPTH = 3

/** Streams that foreign news come through to whoever may see all. */
export const FOREIGN_STREAMS = {
  ofTenant: [
    'alertRaised',
    'auditLogAppended',
    'balanceChanged',
    'betChanged',
    'securityEventHappened',
    'tenancyChanged',
  ],
  ofGuild: ['alertRaised', 'auditLogAppended', 'balanceChanged', 'betChanged', 'tenancyChanged'],
} as const

const isTenant = ({ foreign }: ForeignWorld) => foreign.tenant.length > 0
const expectedOf = (world: ForeignWorld): readonly string[] =>
  isTenant(world) ? FOREIGN_STREAMS.ofTenant : FOREIGN_STREAMS.ofGuild

/** Every subscription as it is, with one's own tenant, the foreign one, and foreign people. */
function questions(platform: TestPlatform, { foreign, own }: ForeignWorld) {
  const fields = rootFieldsOf(platform.local.supergraph.current().apiSchema, DEPTH)
  return fields
    .filter(({ root }) => root === 'Subscription')
    .flatMap(({ name, field, document }) => {
      const takes = (argument: string) => field.args.find((one) => one.name === argument)
      const tenants = takes('tenantId') ? [...foreign.tenant, ...own.tenant] : []
      const users = takes('userId') ? foreign.user : []
      const needsTenant = takes('tenantId') && isNonNullType(takes('tenantId')?.type)
      const asked = [
        ...(needsTenant ? [] : [{}]),
        ...tenants.map((tenantId) => ({ tenantId })),
        ...users.map((userId) => ({ userId })),
      ]
      return asked.map((variables) => ({ name, document, variables }))
    })
}

async function openStreams(platform: TestPlatform, asker: Asker, world: ForeignWorld) {
  const token = await asker.token()
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const opened: Opened[] = []
  for (const { name, document, variables } of questions(platform, world)) {
    const stream = await openEventStream(platform.url, { query: document, variables }, headers)
    opened.push({ asker: asker.name, name, variables, stream })
  }
  return opened
}

const ACCOUNT = '{ me { accounts { edges { node { id guild { id } } } } } }'
type Accounts = { accounts: { edges: { node: { id: string; guild: { id: string } } }[] } }

let stirs = 0

/** Money moves and a bet is placed. */
async function stirMoney(cashier: Ask, bettor: Ask, { game, guildId, unit }: Stirred) {
  const { accounts } = await take<Accounts>(bettor, ACCOUNT)
  const accountId = accounts.edges.find(({ node }) => node.guild.id === guildId)?.node.id ?? ''
  const key = `stirred-${++stirs}`
  const money = { amount: String(2 * unit), currency: 'EUR' }
  await changed(cashier, 'deposit', { accountId, money, idempotencyKey: `${key}-money` })
  const bet = betOn(accountId, game, { ...money, amount: String(unit + 7) })
  await changed(bettor, 'placeBet', { ...bet, idempotencyKey: `${key}-bet` })
}
type Stirred = { game: ForeignWorld['game']; guildId: string; unit: number }

/** Something happens on the foreign side: news of tenancy and of identity, money and a bet. */
async function stirForeign(platform: TestPlatform, world: ForeignWorld) {
  const { insider, player, foreign, game, belonging, unit } = world
  const { marker } = belonging
  const ask = await platform.as(insider)
  const guildId = foreign.guild[0] ?? ''
  await changed(ask, 'updateGuild', { guildId, name: `${marker} guild renamed` })
  if (isTenant(world)) {
    await changed(ask, 'createRole', { name: `${marker} role of now`, permissions: ['odds:read'] })
  }
  // A rule that raised its alert waits for its next window; this one is fresh.
  const rule = { action: 'money.*', threshold: 1, windowSeconds: 1 }
  await changed(ask, 'setAlertRule', { ...rule, guildId, name: `${marker} rule of now` })
  await stirMoney(ask, await platform.as(player), { game, guildId, unit: 2 * unit })
}

/** Something happens at home, by which one sees that the streams run. */
async function stirOwn(platform: TestPlatform, world: ForeignWorld) {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const flag = { tenantId: '1', key: SENTINEL, isEnabled: true, description: 'The last to come.' }
  await changed(ask, 'setFeatureFlag', flag)
  if (isTenant(world)) {
    await changed(ask, 'createRole', { name: 'sentinel', permissions: ['odds:read'] })
  }
  await changed(ask, 'updateGuild', { guildId: world.own.guild[0], name: SENTINEL })
}

async function untilSeen(what: string, isSeen: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!isSeen()) {
    if (Date.now() > end) throw new Error(`the streams did not bring ${what}`)
    await new Promise((resume) => setTimeout(resume, 10))
  }
}

const textOf = ({ stream }: Opened) => JSON.stringify(stream.events)

const of = (opened: readonly Opened[], asker: string) => opened.filter((one) => one.asker === asker)

/** Refusals too are told on the stream; they bring nothing. */
function hasData({ data }: EventStream['events'][number]): boolean {
  const values = Object.values((data as { data?: object | null } | null)?.data ?? {})
  return values.some((value) => value !== null)
}

function outcomeOf(opened: readonly Opened[], asker: string, world: ForeignWorld) {
  const own = of(opened, asker)
  return {
    asker,
    streams: own.length,
    events: own.reduce((sum, { stream }) => sum + stream.events.filter(hasData).length, 0),
    leaks: own.flatMap(({ name, variables, stream }) =>
      foreignTexts(stream.events, variables, world).map((leak) => ({ ...leak, where: name })),
    ),
  }
}

/**
 * Opens every subscription as every asker and as `control`, who may see all; lets things happen
 * in the foreign tenant and then at home. It ends when `control` saw the former and `home` the latter.
 */
export async function runStreamMatrix(
  platform: TestPlatform,
  { world, askers, control, home }: StreamOptions,
): Promise<StreamOutcome[]> {
  const opened: Opened[] = []
  try {
    for (const asker of [...askers, control]) {
      opened.push(...(await openStreams(platform, asker, world)))
    }
    const seen = () => outcomeOf(opened, control.name, world).leaks.map(({ where }) => where)
    await stirForeign(platform, world)
    for (const name of expectedOf(world)) {
      await untilSeen(`foreign news by ${name}`, () => seen().includes(name))
    }
    await stirOwn(platform, world)
    const mine = of(opened, home.name)
    const hears = (name: string, text: string) =>
      mine.some((one) => one.name === name && textOf(one).includes(text))
    await untilSeen('own audit', () => hears('auditLogAppended', SENTINEL))
    if (isTenant(world)) {
      await untilSeen('own news', () => hears('tenancyChanged', SENTINEL))
      await untilSeen('own rights', () => hears('securityEventHappened', 'role.created'))
    }
    return [...askers, control].map(({ name }) => outcomeOf(opened, name, world))
  } finally {
    for (const { stream } of opened) stream.cancel()
  }
}

/** Who listens. */
export type StreamOptions = {
  world: ForeignWorld
  askers: readonly Asker[]
  /** Sees everything. */
  control: Asker
  /** The asker who sees what happens at home. */
  home: Asker
}

import type { Outbox } from '#kernel/audit/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { afterCommit } from '#kernel/db/transaction-scope.ts'
import type { Events } from '#kernel/events/events.ts'
import { FeedRun } from '../../entities/feed-run.ts'
import { Fixture } from '../../entities/fixture.ts'
import { analyticsError } from '../../errors.ts'
import type { FeedEvent, FixtureKey, PriceQuoted } from '../feeds/feed.ts'
import { toOddsEvent } from '../live-odds.ts'
import { type FeedMemory, forgetTakenBack, targetText } from './feed-memory.ts'
import { findTargets } from './quote-targets.ts'
import { type FixtureFacts, findFixtures, storeFixtures } from './store-fixtures.ts'
import { type PriceChange, storePrices } from './store-prices.ts'
import { type NewRejection, storeRejections } from './store-rejections.ts'

export type StoreDeps = { database: Database; events: Events; outbox: Outbox; clock: Clock }

/** One feed while a process takes it in. */
export type Intake = {
  runId: string
  /** The last position stored. */
  position: number
  facts: FixtureFacts
  memory: FeedMemory
}

type Part<Kind extends FeedEvent['kind']> = Extract<FeedEvent, { kind: Kind }>

const ofKind = <Kind extends FeedEvent['kind']>(batch: readonly FeedEvent[], kind: Kind) =>
  batch.filter((event): event is Part<Kind> => event.kind === kind)

/** The fixtures that a batch speaks of and memory does not answer for. */
function keysOf(batch: readonly FeedEvent[], { targets }: FeedMemory): FixtureKey[] {
  return batch.flatMap((event) => {
    if (event.kind === 'rejected') return []
    return event.kind === 'quote' && targets.has(targetText(event)) ? [] : [event.fixture]
  })
}

/** Few, if any: games that had a result and are to be played. */
const findTakenBack = (tx: SqlEntityManager) =>
  forkInside(tx).find(Fixture, { status: 'scheduled', resultVersion: { $gt: 0 } })

/** Takes the run's row, and with it the right to store: whoever stored meanwhile has moved it on. */
async function claim(
  tx: SqlEntityManager,
  { runId: id, position: from }: Intake,
  { position, heardAt }: { position: number; heardAt: Date | null },
) {
  const claimed = await updateWhere(tx, FeedRun, {
    where: { id, position: from, isPaused: false },
    set: { position, status: 'running', ...(heardAt && { updatedAt: heardAt }) },
  })
  if (claimed === 0) throw analyticsError('FEED_TAKEN')
}

const toHomelessRejection = ({ at }: PriceQuoted): NewRejection => ({
  code: 'FEED_ROW_INVALID',
  line: null,
  reason: 'fixture',
  at,
})

function toNews(changes: readonly PriceChange[]) {
  return changes.map(({ row, competition }) => {
    const { id, fixtureId, marketId, selectionId, source, side, odds, at } = row
    const facts = { id, fixtureId, marketId, selectionId, source, side, odds, at }
    return toOddsEvent({ ...facts, previousOdds: row.previousOdds ?? null }, competition)
  })
}

async function store(
  tx: SqlEntityManager,
  batch: readonly FeedEvent[],
  {
    intake,
    now,
    events,
    outbox,
  }: { intake: Intake; now: Date } & Pick<StoreDeps, 'events' | 'outbox'>,
): Promise<void> {
  const { memory, facts, runId } = intake
  forgetTakenBack(memory, await findTakenBack(tx))
  const table = await findFixtures(tx, keysOf(batch, memory))
  const fixtures = await storeFixtures(tx, batch, { table, facts, runId, now })
  const quotes = ofKind(batch, 'quote')
  const { targeted, homeless } = await findTargets(tx, quotes, { memory, fixtures: table })
  const { changes, remember } = await storePrices(tx, targeted, memory)
  const rejections = [...ofKind(batch, 'rejected'), ...homeless.map(toHomelessRejection)]
  await storeRejections(tx, rejections, { runId, now })
  const counted = { events: batch.length, quotes: quotes.length, changes: changes.length }
  const add = { ...counted, rejected: rejections.length }
  await updateWhere(tx, FeedRun, { where: { id: runId }, add })
  for (const message of fixtures.messages) await outbox.send(tx, message)
  const news = [...fixtures.events, ...toNews(changes)]
  if (news.length > 0) await events.publish(tx, news)
  afterCommit(remember)
}

/**
 * Stores one batch with its position in one transaction: after a crash either both stand or neither.
 * @returns the new position
 * @throws FEED_TAKEN when another process stored it, or the feed was paused
 */
export async function storeBatch(
  { database, events, outbox, clock }: StoreDeps,
  intake: Intake,
  batch: readonly FeedEvent[],
): Promise<number> {
  const position = batch.at(-1)?.position ?? intake.position
  const now = clock.now()
  // A provider that only refuses gives no sign of life.
  const heardAt = batch.some(({ kind }) => kind !== 'rejected') ? now : null
  await transactional(database.acrossTenants(), async (tx) => {
    await claim(tx, intake, { position, heardAt })
    await store(tx, batch, { intake, now, events, outbox })
  })
  return position
}

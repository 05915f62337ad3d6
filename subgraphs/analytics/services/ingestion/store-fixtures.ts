import type { Message } from '#kernel/audit/outbox.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { NewEvent } from '#kernel/events/stored-event.ts'
import { Fixture } from '../../entities/fixture.ts'
import type { FeedEvent, FixtureKey, FixtureSeen, ResultKnown } from '../feeds/feed.ts'
import { type FixtureChangeType, type FixtureState, stateOf, toFixtureEvent } from '../live-odds.ts'
import { lockFixtures } from '../settlement/fixture-lock.ts'
import {
  finishFixture,
  hasResult,
  type ResultNews,
  toResultMessage,
} from '../settlement/fixture-results.ts'
import { fixtureText } from './feed-memory.ts'

/** What is the same for all fixtures of a feed. */
export type FixtureFacts = Pick<Fixture, 'timing' | 'isReplayed' | 'isSimulated'>

export type FixtureTable = Map<string, Fixture>

/** The stored fixtures of these keys; a feed has one source, so this is one query. */
export async function findFixtures(
  tx: SqlEntityManager,
  keys: Iterable<FixtureKey>,
): Promise<FixtureTable> {
  const table: FixtureTable = new Map()
  for (const [source, ofSource] of Map.groupBy(keys, (key) => key.source)) {
    const externalIds = [...new Set(ofSource.map(({ externalId }) => externalId))]
    for (const fixture of await tx.find(Fixture, { source, externalId: { $in: externalIds } })) {
      table.set(fixtureText(fixture), fixture)
    }
  }
  return table
}

/** Its state is taken at once: a later change of the same batch must not show in earlier news. */
type Change = {
  type: FixtureChangeType
  fixture: Fixture
  state: FixtureState
  /** What bets are settled by, where that changed. */
  result: ResultNews | null
}
const changeOf = (
  type: FixtureChangeType,
  fixture: Fixture,
  result: ResultNews | null = null,
): Change => ({ type, fixture, state: stateOf(fixture), result })

type Telling = { table: FixtureTable; facts: FixtureFacts; runId: string; now: Date }

function openFixture(tx: SqlEntityManager, { fixture }: FixtureSeen, telling: Telling): Change {
  const { table, facts, runId, now } = telling
  const opened = tx.create(Fixture, {
    ...fixture,
    ...facts,
    feedRunId: runId,
    status: 'scheduled',
    homeGoals: null,
    awayGoals: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
    resultVersion: 0,
    settledVersion: 0,
    settlementDueAt: null,
    isResultFixed: false,
  })
  tx.persist(opened)
  table.set(fixtureText(fixture), opened)
  return changeOf('opened', opened)
}

type Told = FixtureSeen | ResultKnown

const goalsOf = ({ homeGoals, awayGoals }: ResultKnown) => ({ home: homeGoals, away: awayGoals })

/**
 * Whether an event says something else than what is stored. What the platform decided stands, and no feed takes a
 * result back: a game that has one is moved by nobody but the platform.
 */
function isNews(stored: Fixture, event: Told): boolean {
  if (event.kind === 'result') return !stored.isResultFixed && !hasResult(stored, goalsOf(event))
  const { startsAt } = event.fixture
  return stored.status === 'scheduled' && stored.startsAt.getTime() !== startsAt.getTime()
}

/** A game told of again with another kick-off. */
function moveFixture(stored: Fixture, { fixture }: FixtureSeen, telling: Telling): Change {
  const { facts, now } = telling
  Object.assign(stored, facts, { startsAt: fixture.startsAt, updatedAt: now })
  return changeOf('moved', stored)
}

function applyOne(tx: SqlEntityManager, event: Told, telling: Telling) {
  const stored = telling.table.get(fixtureText(event.fixture))
  if (!stored) return event.kind === 'fixture' ? openFixture(tx, event, telling) : null
  if (event.kind === 'fixture') stored.feedRunId = telling.runId
  if (!isNews(stored, event)) return null
  if (event.kind === 'fixture') return moveFixture(stored, event, telling)
  const { at } = event
  const result = finishFixture(stored, goalsOf(event), { at, now: telling.now })
  return changeOf('finished', stored, result)
}

/**
 * Takes the rows that will change, as they stand now: bets placed at this moment are waited for, and the
 * platform may have decided a result meanwhile.
 */
async function lockChanging(tx: SqlEntityManager, told: readonly Told[], table: FixtureTable) {
  const ids = told.flatMap((event) => {
    const stored = table.get(fixtureText(event.fixture))
    return stored && isNews(stored, event) ? [stored.id] : []
  })
  if (ids.length > 0) await lockFixtures(tx, ids)
}

/** What a batch changed: live events, and what learns from results is to be told. */
export type FixtureNews = { events: NewEvent[]; messages: Message[] }

/** Stores what a batch tells of fixtures, in its order. @returns the news */
export async function storeFixtures(
  tx: SqlEntityManager,
  batch: readonly FeedEvent[],
  telling: Telling,
): Promise<FixtureNews> {
  const told = batch.filter((event) => event.kind === 'fixture' || event.kind === 'result')
  await lockChanging(tx, told, telling.table)
  const changes: Change[] = []
  for (const event of told) {
    const change = applyOne(tx, event, telling)
    if (change) changes.push(change)
  }
  await tx.flush()
  return {
    events: changes.map(({ type, fixture, state }) =>
      toFixtureEvent({ type, at: telling.now, fixture: { ...state, id: fixture.id } }),
    ),
    messages: changes.flatMap(({ fixture, result }) =>
      result ? [toResultMessage(fixture, result)] : [],
    ),
  }
}

import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { NewEvent } from '#kernel/events/stored-event.ts'
import { Fixture } from '../../entities/fixture.ts'
import type { FeedEvent, FixtureKey, FixtureSeen, ResultKnown } from '../feeds/feed.ts'
import { type FixtureChangeType, type FixtureState, stateOf, toFixtureEvent } from '../live-odds.ts'
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
type Change = { type: FixtureChangeType; fixture: Fixture; state: FixtureState }
const changeOf = (type: FixtureChangeType, fixture: Fixture): Change => ({
  type,
  fixture,
  state: stateOf(fixture),
})

type Telling = { table: FixtureTable; facts: FixtureFacts; now: Date }

function openFixture(tx: SqlEntityManager, { fixture }: FixtureSeen, telling: Telling): Change {
  const { table, facts, now } = telling
  const opened = tx.create(Fixture, {
    ...fixture,
    ...facts,
    status: 'scheduled',
    homeGoals: null,
    awayGoals: null,
    finishedAt: null,
    createdAt: now,
    updatedAt: now,
  })
  tx.persist(opened)
  table.set(fixtureText(fixture), opened)
  return changeOf('opened', opened)
}

/** A game told of again: its kick-off moved, or it is the same news. A moved game is to be played. */
function moveFixture(stored: Fixture, { fixture }: FixtureSeen, telling: Telling): Change | null {
  if (stored.startsAt.getTime() === fixture.startsAt.getTime()) return null
  Object.assign(stored, telling.facts, {
    startsAt: fixture.startsAt,
    status: 'scheduled',
    homeGoals: null,
    awayGoals: null,
    finishedAt: null,
    updatedAt: telling.now,
  })
  return changeOf('moved', stored)
}

function finishFixture(stored: Fixture, result: ResultKnown, { now }: Telling): Change | null {
  const { homeGoals, awayGoals, at } = result
  const isKnown =
    stored.status === 'finished' && stored.homeGoals === homeGoals && stored.awayGoals === awayGoals
  if (isKnown) return null
  Object.assign(stored, {
    ...{ status: 'finished', homeGoals, awayGoals, finishedAt: at, updatedAt: now },
  })
  return changeOf('finished', stored)
}

function applyOne(tx: SqlEntityManager, event: FixtureSeen | ResultKnown, telling: Telling) {
  const stored = telling.table.get(fixtureText(event.fixture))
  if (event.kind === 'fixture') {
    return stored ? moveFixture(stored, event, telling) : openFixture(tx, event, telling)
  }
  return stored ? finishFixture(stored, event, telling) : null
}

/** Stores what a batch tells of fixtures, in its order. @returns the news */
export async function storeFixtures(
  tx: SqlEntityManager,
  batch: readonly FeedEvent[],
  telling: Telling,
): Promise<NewEvent[]> {
  const changes: Change[] = []
  for (const event of batch) {
    if (event.kind !== 'fixture' && event.kind !== 'result') continue
    const change = applyOne(tx, event, telling)
    if (change) changes.push(change)
  }
  await tx.flush()
  return changes.map(({ type, fixture, state }) =>
    toFixtureEvent({ type, at: telling.now, fixture: { ...state, id: fixture.id } }),
  )
}

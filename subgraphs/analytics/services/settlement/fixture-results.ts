import type { Message } from '#kernel/audit/outbox.ts'
import type { Fixture } from '../../entities/fixture.ts'
import type { Goals } from './outcomes.ts'

/** The subgraph that learns from results. */
const AI = 'ai'

/** A result as it stood under one version; null goals: abandoned, or taken back. */
export type ResultNews = Pick<Fixture, 'resultVersion'> & { goals: Goals | null }

const newsOf = ({ resultVersion, homeGoals, awayGoals }: Fixture): ResultNews => ({
  resultVersion,
  goals: homeGoals == null || awayGoals == null ? null : { home: homeGoals, away: awayGoals },
})

type ResultState = Pick<Fixture, 'status'> & { goals: Goals | null; finishedAt: Date | null }

/** Every change of what bets are settled by goes through here: a new version, and bets that wait for it. */
function renew(fixture: Fixture, { status, goals, finishedAt }: ResultState, now: Date) {
  Object.assign(fixture, {
    ...{ status, finishedAt, updatedAt: now, settlementDueAt: now },
    homeGoals: goals?.home ?? null,
    awayGoals: goals?.away ?? null,
    resultVersion: fixture.resultVersion + 1,
  })
  return newsOf(fixture)
}

/** Whether a fixture has this very result already. */
export const hasResult = (fixture: Fixture, goals: Goals) =>
  fixture.status === 'finished' &&
  fixture.homeGoals === goals.home &&
  fixture.awayGoals === goals.away

/** Its result is known, or another than before. */
export const finishFixture = (
  fixture: Fixture,
  goals: Goals,
  { at, now }: Record<'at' | 'now', Date>,
) => renew(fixture, { status: 'finished', goals, finishedAt: at }, now)

/** It will not be played to its end: whoever bet on it gets the stake back. */
export const abandonFixture = (fixture: Fixture, now: Date) =>
  renew(fixture, { status: 'abandoned', goals: null, finishedAt: null }, now)

/** It is to be played after all: bets on it are open again. */
export const takeResultBack = (fixture: Fixture, now: Date) =>
  renew(fixture, { status: 'scheduled', goals: null, finishedAt: null }, now)

/** What learns from results is told every version of every one, in order. */
export function toResultMessage(fixture: Fixture, { resultVersion, goals }: ResultNews): Message {
  const { id, competition, home, away, startsAt, isSimulated, isReplayed } = fixture
  return {
    receiver: AI,
    kind: goals ? 'fixture.finished' : 'fixture.abandoned',
    aggregate: `fixture:${id}`,
    payload: {
      ...{ fixtureId: id, competition, home, away, startsAt, resultVersion },
      ...{ isSimulated, isReplayed },
      homeGoals: goals?.home ?? null,
      awayGoals: goals?.away ?? null,
    },
  }
}

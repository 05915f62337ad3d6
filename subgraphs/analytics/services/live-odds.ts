import { databaseError } from '#kernel/db/errors.ts'
import type { Events } from '#kernel/events/events.ts'
import type { Resume } from '#kernel/events/resume.ts'
import type { NewEvent, StateOf, StoredEvent } from '#kernel/events/stored-event.ts'
import type { Fixture } from '../entities/fixture.ts'
import type { OddsQuote } from '../entities/odds-quote.ts'

export const ODDS_TOPIC = 'odds'
export const FIXTURES_TOPIC = 'fixtures'

export const FIXTURE_CHANGE_TYPES = ['opened', 'moved', 'finished', 'abandoned'] as const
export type FixtureChangeType = (typeof FIXTURE_CHANGE_TYPES)[number]

/** What a price change tells; enough to answer a subscription without a query. */
export type QuoteFacts = Omit<OddsQuote, 'previousOdds'> & { previousOdds: number | null }

/** What is told of a fixture whenever it changes. */
export type FixtureState = Omit<
  Fixture,
  | 'id'
  | 'feedRunId'
  | 'season'
  | 'homeGoals'
  | 'awayGoals'
  | 'finishedAt'
  | 'resultVersion'
  | 'settledVersion'
  | 'settlementDueAt'
  | 'isResultFixed'
> & {
  season: string | null
  homeGoals: number | null
  awayGoals: number | null
  finishedAt: Date | null
}
export type FixtureFacts = FixtureState & { id: string }

export type FixtureChange = { type: FixtureChangeType; at: Date; fixture: FixtureFacts }

type Written<Facts> = {
  [Name in keyof Facts]: Facts[Name] extends Date | null ? string : Facts[Name]
}
type QuotePayload = Written<QuoteFacts> & { competition: string }
type FixturePayload = { at: string; fixture: Written<FixtureFacts> }

/** A fixture's columns but its id, which it gets last. */
export function stateOf(fixture: Fixture): FixtureState {
  const { source, externalId, competition, home, away, startsAt, timing, status } = fixture
  const { isReplayed, isSimulated, createdAt, updatedAt } = fixture
  return {
    ...{ source, externalId, competition, home, away, startsAt, timing, status },
    ...{ isReplayed, isSimulated, createdAt, updatedAt },
    season: fixture.season ?? null,
    homeGoals: fixture.homeGoals ?? null,
    awayGoals: fixture.awayGoals ?? null,
    finishedAt: fixture.finishedAt ?? null,
  }
}

export const toFixtureEvent = ({ type, at, fixture }: FixtureChange): NewEvent => ({
  topic: FIXTURES_TOPIC,
  type,
  payload: { at, fixture },
})

export const toOddsEvent = (quote: QuoteFacts, competition: string): NewEvent => ({
  topic: ODDS_TOPIC,
  type: 'changed',
  payload: { ...quote, competition },
})

/** The quote behind an event of the odds feed. */
export function readQuote({ payload }: StoredEvent): QuoteFacts {
  const { competition: _competition, at, ...quote } = payload as QuotePayload
  return { ...quote, at: new Date(at) }
}

/** The change behind an event of the fixtures feed. */
export function readFixtureChange({ type, payload }: StoredEvent): FixtureChange {
  const { at, fixture } = payload as FixturePayload
  const { startsAt, createdAt, updatedAt, finishedAt } = fixture
  return {
    type: type as FixtureChangeType,
    at: new Date(at),
    fixture: {
      ...fixture,
      startsAt: new Date(startsAt),
      createdAt: new Date(createdAt),
      updatedAt: new Date(updatedAt),
      finishedAt: finishedAt === null ? null : new Date(finishedAt),
    },
  }
}

/** Which events a follower wants; an absent part wants all. */
export type OddsInterest = {
  fixtureId?: string | null | undefined
  competition?: string | null | undefined
  sources?: readonly string[] | null | undefined
}

export type FixtureInterest = Omit<OddsInterest, 'sources'>

export type Resumption = { after: Resume | null; signal: AbortSignal }

const isWanted = (wanted: string | null | undefined, value: string) =>
  wanted === null || wanted === undefined || wanted === value

/** Sources that one follower may name. */
const MOST_SOURCES = 100

/** @throws WHERE_TOO_LARGE */
function toSources(sources: OddsInterest['sources']): ReadonlySet<string> | null {
  if (!sources) return null
  if (sources.length > MOST_SOURCES) throw databaseError('WHERE_TOO_LARGE')
  return new Set(sources)
}

/** A price is stale once its source has another for the same side of the selection. */
const priceState: StateOf = ({ payload }) => {
  const { selectionId, source, side } = payload as QuotePayload
  return `${selectionId} ${side} ${source}`
}

export type LiveOdds = ReturnType<typeof createLiveOdds>

/** Live feeds of prices and fixtures, resumed from a cursor without gap or double. */
export function createLiveOdds(events: Events) {
  return {
    /** @throws CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED, WHERE_TOO_LARGE */
    prices: async (interest: OddsInterest, resumption: Resumption) => {
      const { fixtureId, competition } = interest
      const sources = toSources(interest.sources)
      return events.open(ODDS_TOPIC, {
        ...resumption,
        stateOf: priceState,
        filter: ({ payload }) => {
          const quote = payload as QuotePayload
          return (
            (sources === null || sources.has(quote.source)) &&
            isWanted(fixtureId, quote.fixtureId) &&
            isWanted(competition, quote.competition)
          )
        },
      })
    },
    /** @throws as `prices` */
    fixtures: ({ fixtureId, competition }: FixtureInterest, resumption: Resumption) =>
      events.open(FIXTURES_TOPIC, {
        ...resumption,
        filter: ({ payload }) => {
          const { fixture } = payload as FixturePayload
          return isWanted(fixtureId, fixture.id) && isWanted(competition, fixture.competition)
        },
      }),
  }
}

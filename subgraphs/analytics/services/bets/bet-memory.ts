import { LRUCache } from 'lru-cache'
import type { CurrentPrice } from '../../entities/current-price.ts'
import type { Fixture } from '../../entities/fixture.ts'
import type { Market } from '../../entities/market.ts'
import type { Selection } from '../../entities/selection.ts'
import type { Known, Place } from '../ledger/account-rows.ts'

/** What can be bet on: an answer and its question. Once they are made, neither changes. */
export type Answer = {
  market: Pick<Market, 'id' | 'fixtureId' | 'type' | 'line'>
  selection: Pick<Selection, 'id' | 'name'>
}

/** What a bet on an answer stands on at a moment. */
export type Footing = {
  fixture: Pick<Fixture, 'id' | 'home' | 'away' | 'startsAt' | 'status' | 'resultVersion'>
  price: Pick<CurrentPrice, 'odds' | 'source'>
  /** Whether the feed that told of it lives. */
  isFresh: boolean
}

/** A leg, which names whose price it asks for, or the best. */
type Leg = Answer & { asked: { source: string | null } }

/** Forgetting an answer costs two queries. */
const ANSWERS = 20_000
/** Forgetting an account costs one. */
const ACCOUNTS = 10_000
/** Forgetting a footing costs three. */
const FOOTINGS = 5_000
/** How long a footing is good for a first look. */
const FOOTING_MS = 1_000

export type House = Place & { currency: string }

const keyOf = ({ tenantId, guildId, currency }: House) => `${tenantId}:${guildId}:${currency}`

const textOf = ({ selection, asked }: Leg) => `${selection.id}:${asked.source ?? ''}`

export type BetMemory = ReturnType<typeof createBetMemory>

/** What one process remembers from bet to bet: rows that never change, and for a moment those that do. */
export function createBetMemory() {
  const answers = new LRUCache<string, Answer>({ max: ANSWERS })
  const openStakes = new LRUCache<string, Known>({ max: ACCOUNTS })
  const footings = new LRUCache<string, Footing & { at: Date }>({ max: FOOTINGS })
  return {
    answerOf: (selectionId: string): Answer | null => answers.get(selectionId) ?? null,
    rememberAnswer: (answer: Answer): void => void answers.set(answer.selection.id, answer),
    /** The account where a guild's open stakes lie: it has no balance of its own. */
    openStakesOf: (house: House): Known | null => openStakes.get(keyOf(house)) ?? null,
    /** To be told after the commit alone. */
    rememberOpenStakes: (house: House, { id }: Known): void =>
      void openStakes.set(keyOf(house), { id }),
    /** Null where none was seen within the last second. */
    footingOf: (leg: Leg, now: Date): Footing | null => {
      const footing = footings.get(textOf(leg))
      const isKept = footing && now.getTime() - footing.at.getTime() < FOOTING_MS
      return isKept ? footing : null
    },
    rememberFooting: (leg: Leg & Footing, at: Date): void => {
      const { id, home, away, startsAt, status, resultVersion } = leg.fixture
      const { odds, source } = leg.price
      const fixture = { id, home, away, startsAt, status, resultVersion }
      footings.set(textOf(leg), { fixture, price: { odds, source }, isFresh: leg.isFresh, at })
    },
  }
}

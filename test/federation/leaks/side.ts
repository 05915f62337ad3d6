import type { Account } from '../../kit/platform.ts'
import type { IdsOfKinds } from './id-kinds.ts'
import type { Belonging } from './row-dump.ts'

/** Whose data nobody else may get, and what the askers' own side may lose. */
export type ForeignWorld = {
  foreign: IdsOfKinds
  own: IdsOfKinds
  belonging: Belonging
  /**
   * Amounts of foreign money, in minor units, are of this size at least, and nothing that the askers may
   * see is: sums that take it in are seen as well.
   */
  unit: number
  /** Texts by which foreign rows are found, by the name of the field that takes them. */
  texts: Readonly<Record<string, string>>
  /** Somebody who may see all of it. */
  insider: Account
  /** Somebody who has money and bets there. */
  player: Account
  game: Game
}

/** The foreign texts of a marker, by the name of the field that takes them. */
export const textsOf = (marker: string): Readonly<Record<string, string>> => ({
  code: marker,
  key: `${marker}.flag`,
  resource: `${marker}.points`,
  idempotencyKey: `${marker}-use`,
  competition: `${marker} league`,
  conversationId: `${marker}-talk`,
})

/** A game to bet on that the feed of a test knows. */
export type Game = {
  name: string
  fixtureId: string
  selectionId: string
  /** Thousandths. */
  odds: number
}

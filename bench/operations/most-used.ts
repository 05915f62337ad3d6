import { example, GUILD_BOARD, MIDDLING } from '../demo.ts'
import type { Asked } from './maker.ts'
import { createRound, type World } from './world.ts'

/** A whole document that is asked as it stands. */
export type Whole = { name: string; document: string; by: () => Asked['by'] }

/** Root fields that are asked most; their makers prepare nothing. */
export const MOST_USED = [
  'me',
  'account',
  'fixtures',
  'guilds',
  'oddsQuotes',
  'placeBet',
  'deposit',
] as const

/** The demo's questions, as whoever asks them there. */
export function demoQuestions({ operator, players }: World): Whole[] {
  const player = createRound(players)
  return [
    { name: 'GuildBoard', document: GUILD_BOARD, by: () => operator },
    { name: 'FiveSubgraphs', document: example('query FiveSubgraphs'), by: () => operator },
    { name: 'BettingSlip', document: MIDDLING, by: player },
  ]
}

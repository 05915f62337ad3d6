import { builder } from '../builder.ts'
import type { BetMarket } from '../entities/bet.ts'
import { MARKET_TYPES } from '../entities/market.ts'
import { MARKET_TEXTS } from './market.ts'

export const BetTypeEnum = builder.enumType('BetType', {
  description: 'How many legs a bet has.',
  values: {
    SINGLE: { value: 'single', description: 'One.' },
    MULTIPLE: { value: 'multiple', description: 'Several that must all come true.' },
  } as const,
})

export const BetStatusEnum = builder.enumType('BetStatus', {
  description: 'How far a bet is.',
  values: {
    OPEN: { value: 'open', description: 'Not all that it waits for is known.' },
    SETTLED: {
      value: 'settled',
      description: 'It ended; a corrected result may still change how.',
    },
    CASHED_OUT: { value: 'cashed_out', description: 'It was sold back; that is final.' },
  } as const,
})

export const BetOutcomeEnum = builder.enumType('BetOutcome', {
  description: 'How a bet ended.',
  values: {
    WON: { value: 'won', description: 'Every leg that counts won.' },
    LOST: { value: 'lost', description: 'A leg lost.' },
    VOID: { value: 'void', description: 'The stake was given back.' },
    HALF_WON: { value: 'half_won', description: 'One half won, the other was given back.' },
    HALF_LOST: { value: 'half_lost', description: 'One half lost, the other was given back.' },
    MIXED: { value: 'mixed', description: 'No leg of a multiple lost, but not all won whole.' },
    CASHED_OUT: { value: 'cashed_out', description: 'It was sold back before it ended.' },
  } as const,
})

export const LegOutcomeEnum = builder.enumType('LegOutcome', {
  description: 'How one leg of a bet ended.',
  values: {
    OPEN: { value: 'open', description: 'It did not end yet.' },
    WON: { value: 'won', description: 'Its answer was right.' },
    LOST: { value: 'lost', description: 'Its answer was wrong.' },
    VOID: { value: 'void', description: 'Its game was abandoned: it counts as odds of 1.' },
    PUSH: { value: 'push', description: 'Its line was met exactly: it counts as odds of 1.' },
    HALF_WON: { value: 'half_won', description: 'Half a quarter line won, half was met.' },
    HALF_LOST: { value: 'half_lost', description: 'Half a quarter line lost, half was met.' },
  } as const,
})

export const PriceChangeEnum = builder.enumType('PriceChange', {
  description: 'What may happen to odds between asking and placing.',
  values: {
    EXACT: { value: 'exact', description: 'Nothing.' },
    BETTER: { value: 'better', description: 'They may grow; then the higher ones stand.' },
    ANY: {
      value: 'any',
      description: 'Whatever they are then stands; not in guilds with the stricter rules.',
    },
  } as const,
})

const MARKETS = MARKET_TYPES.map((value) => [
  value.toUpperCase(),
  { value, description: MARKET_TEXTS[value] },
])

export const BetMarketEnum = builder.enumType('BetMarket', {
  description: 'What a bet is on.',
  values: {
    ...Object.fromEntries(MARKETS),
    MULTIPLE: { value: 'multiple', description: 'Several answers together.' },
  } as Record<Uppercase<BetMarket>, { value: BetMarket; description: string }>,
})

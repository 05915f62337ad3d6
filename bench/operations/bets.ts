import type { Offer, Player } from '../bets-players.ts'
import { act, idOf, type Maker, type Makers, see } from './maker.ts'
import { createStock } from './stock.ts'
import { createRound, type World } from './world.ts'

const BET = 'id status odds potentialPayout { amount } legs { position selection odds }'

type Placed = { id: string; player: Player }

/** Bets and what is made of them. */
export function betMakers({ operator, players, offers, serial, repeat }: World): Makers {
  const player = createRound(players)
  const offer = createRound<Offer>(offers)
  const bets = createStock<Placed>('bets', (count) => repeat('placeBet', placeBet, count))
  const seen: Placed[] = []
  const ofSeen = () => seen[serial() % seen.length] as Placed
  const placeBet: Maker = {
    select: BET,
    ask: () => {
      const owner = player()
      const { selectionId, odds } = offer()
      const stake = { amount: String(100 + (serial() % 900)), currency: 'EUR' }
      const bet = { accountId: owner.accountId, stake, legs: [{ selectionId, odds }] }
      // Prices move while the others wait.
      const input = { ...bet, priceChange: 'ANY', idempotencyKey: `bet-of-bench-${serial()}` }
      return act(owner, input, (made) => {
        const placed = { id: idOf(made), player: owner }
        bets.put(placed)
        if (seen.length < players.length) seen.push(placed)
      })
    },
  }
  return {
    placeBet,
    bet: {
      select: `${BET} cashOutOffer { amount }`,
      prepare: async () => {
        if (seen.length === 0) await bets.fill(bets.all.length + players.length)
      },
      ask: () => {
        const { id, player: owner } = ofSeen()
        return see(owner, { id })
      },
    },
    bets: { select: BET, ask: () => see(operator) },
    bettingFigures: { ask: () => see(operator, { groupBy: ['GUILD', 'MARKET'] }) },
    cashOutBet: {
      select: BET,
      prepare: bets.fill,
      ask: () => {
        const { id: betId, player: owner } = bets.take()
        const idempotencyKey = `sold-of-bench-${serial()}`
        return act(owner, { betId, amount: '1', idempotencyKey })
      },
    },
  }
}

import type { Account, Ask, TestPlatform } from '../../kit/platform.ts'
import { changed, changedOnceHeard, take, untilAnswer } from '../world.ts'
import type { Games } from './games.ts'
import { type Game, textsOf } from './side.ts'

/** Whose money is planted where, and who books it. */
export type Table = {
  platform: TestPlatform
  games: Games
  /** Books for others in the guild. */
  cashier: Ask
  player: Account & { guildId: string }
  marker: string
  /** All amounts are multiples of it, and a little more. */
  unit: number
}

const BETS = '{ me { bets { edges { node { status } } } } }'

export const betOn = (accountId: string, { selectionId, odds }: Game, stake: object) => ({
  accountId,
  stake,
  legs: [{ selectionId, odds }],
  priceChange: 'EXACT',
})

/** Limits and accounts with money that is booked, held, frozen, staked, lost and won. */
export async function plantBetting(table: Table): Promise<Game> {
  const { platform, games, cashier, player, marker, unit } = table
  const eur = (times: number) => ({ amount: String(times * unit + 7), currency: 'EUR' })
  const { guildId } = player
  const key = (name: string) => ({ idempotencyKey: `${marker}-${name}` })
  await changedOnceHeard(cashier, 'setBettingLimit', {
    ...{ guildId, currency: 'EUR', minStake: eur(1).amount, maxStake: eur(50).amount },
    ...{ maxPayout: eur(90).amount, maxLegs: 5, cashOutFeeBasisPoints: 0 },
  })
  const ask = await platform.as(player)
  const accountId = await changedOnceHeard(ask, 'openAccount', { currency: 'EUR' })
  const note = `${marker} note`
  const { idempotencyKey } = textsOf(marker)
  await changed(cashier, 'deposit', { accountId, money: eur(40), note, idempotencyKey })
  const adjustment = { accountId, money: eur(3), reason: `${marker} reason`, ...key('adjustment') }
  await changed(cashier, 'adjustBalance', adjustment)
  const hold = { accountId, money: eur(2), note }
  await changed(ask, 'requestWithdrawal', { ...hold, ...key('withdrawal') })
  const { id: holdId } = await changed(cashier, 'holdFunds', { ...hold, ...key('review') })
  await changed(cashier, 'freezeHold', { holdId, reason: `${marker} reason` })
  const open = await games.open()
  const ended = await games.open()
  for (const [name, game] of Object.entries({ open, ended })) {
    await changed(ask, 'placeBet', { ...betOn(accountId, game, eur(4)), ...key(`${name}-bet`) })
  }
  await games.finish(ended)
  await untilAnswer(
    () => take(ask, BETS),
    (me) => JSON.stringify(me).includes('SETTLED'),
  )
  return open
}

import { GUILD } from '../bets-players.ts'
import { act, idOf, type Maker, type Makers, see } from './maker.ts'
import { createStock, type Stock } from './stock.ts'
import { createRound, type World } from './world.ts'

const SMALL = { amount: '100', currency: 'EUR' }
const REASON = 'A benchmark.'
/** Currencies in use, but those that the players have accounts in. */
const CURRENCIES = 'AUD BGN BRL CAD CHF CNY CZK DKK GBP HKD HUF IDR ILS INR ISK JPY KRW MXN'
  .split(' ')
  .concat('MYR NOK NZD PHP PLN RON SEK SGD THB TRY USD ZAR'.split(' '))

const keyed = (serial: () => number) => ({ idempotencyKey: `money-of-bench-${serial()}` })

function accountMakers({ operator, players, serial }: World): Makers {
  const player = createRound(players)
  const currencyOf = (number: number) => CURRENCIES[number % CURRENCIES.length]
  let opened = 0
  return {
    // Each player opens one in each currency.
    openAccount: {
      ask: () => {
        const currency = currencyOf(Math.floor(opened / players.length))
        opened += 1
        return act(player(), { guildId: GUILD, currency })
      },
    },
    account: {
      ask: () => {
        const owner = player()
        return see(owner, { id: owner.accountId })
      },
    },
    accounts: { ask: () => see(operator) },
    deposit: {
      ask: () => act(operator, { accountId: player().accountId, money: SMALL, ...keyed(serial) }),
    },
    adjustBalance: {
      ask: () => {
        const input = { accountId: player().accountId, money: SMALL, reason: REASON }
        return act(operator, { ...input, ...keyed(serial) })
      },
    },
    ledgerEntries: { ask: () => see(operator) },
    ledgerCheck: { ask: () => see(operator) },
    setBettingLimit: {
      ask: () => {
        const amounts = { minStake: '100', maxStake: '100000', maxPayout: '10000000' }
        const rest = { maxLegs: 12, cashOutFeeBasisPoints: 500 }
        return act(operator, {
          guildId: GUILD,
          currency: currencyOf(serial()),
          ...amounts,
          ...rest,
        })
      },
    },
  }
}

function withdrawalMakers({ operator, players, serial, repeat }: World): Makers {
  const player = createRound(players)
  const withdrawals = createStock<string>('withdrawals', (count) =>
    repeat('requestWithdrawal', requestWithdrawal, count),
  )
  const requestWithdrawal: Maker = {
    ask: () => {
      const owner = player()
      const input = { accountId: owner.accountId, money: SMALL, ...keyed(serial) }
      return act(owner, input, (made) => withdrawals.put(idOf(made)))
    },
  }
  return {
    requestWithdrawal,
    completeWithdrawal: {
      prepare: withdrawals.fill,
      ask: () => act(operator, { holdId: withdrawals.take(), ...keyed(serial) }),
    },
  }
}

/** A hold passes from one stock to the next, from open to frozen and back, and ends. */
function holdMakers({ operator, players, serial, repeat }: World): Makers {
  const player = createRound(players)
  const open = createStock<string>('holds', (count) => repeat('holdFunds', holdFunds, count))
  const frozen = createStock<string>('frozen holds', (count) =>
    repeat('freezeHold', freezeHold, count),
  )
  const holdFunds: Maker = {
    ask: () => {
      const input = { accountId: player().accountId, money: SMALL, ...keyed(serial) }
      return act(operator, input, (made) => open.put(idOf(made)))
    },
  }
  const passing = (from: Stock<string>, to: Stock<string>): Maker => ({
    prepare: from.fill,
    ask: () => {
      const holdId = from.take()
      return act(operator, { holdId, reason: REASON }, () => to.put(holdId))
    },
  })
  const freezeHold = passing(open, frozen)
  const end = (more: object): Maker => ({
    prepare: open.fill,
    ask: () => act(operator, { holdId: open.take(), ...more, ...keyed(serial) }),
  })
  return {
    holdFunds,
    freezeHold,
    thawHold: passing(frozen, open),
    captureHold: end({ reason: REASON }),
    releaseHold: end({}),
    holds: { ask: () => see(operator) },
  }
}

/** Accounts, bookings, holds. */
export function moneyMakers(world: World): Makers {
  return { ...accountMakers(world), ...withdrawalMakers(world), ...holdMakers(world) }
}

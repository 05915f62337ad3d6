import { type Finding, findRows } from './books-findings.ts'
import type { Store } from './books-store.ts'

/** Questions to the ledger whose answers should be empty; no row of the product's code is trusted. */
const QUESTIONS = [
  {
    says: 'currencies whose entries do not sum to 0',
    sql: `select currency, cast(sum(amount) as char) as total from ledger_entries
      group by currency having sum(amount) <> 0`,
  },
  {
    says: 'transfers whose entries do not sum to 0',
    sql: `select transfer_id, currency, cast(sum(amount) as char) as total from ledger_entries
      group by transfer_id, currency having sum(amount) <> 0`,
  },
  {
    says: 'entries that belong to no transfer, or to one of another currency or place',
    sql: `select e.id from ledger_entries e left join transfers t on t.id = e.transfer_id
      where t.id is null or t.currency <> e.currency or t.guild_id <> e.guild_id
      or t.tenant_id <> e.tenant_id`,
  },
  {
    says: 'transfers without entries',
    sql: `select t.id, t.kind from transfers t where not exists
      (select 1 from ledger_entries e where e.transfer_id = t.id)`,
  },
  {
    says: 'entries whose account is none, or one of another currency or owner',
    sql: `select e.id from ledger_entries e left join accounts a on a.id = e.account_id
      where a.id is null or a.currency <> e.currency or a.guild_id <> e.guild_id
      or coalesce(a.user_id, 0) <> coalesce(e.user_id, 0)`,
  },
  {
    says: 'balances that are not the sum of their entries',
    sql: `select a.id, a.kind, a.balance, sums.total from accounts a left join
      (select account_id, sum(amount) as total from ledger_entries group by account_id) sums
      on sums.account_id = a.id
      where a.user_id is not null and coalesce(a.balance, -1) <> coalesce(sums.total, 0)`,
  },
  {
    says: 'balances beyond their floor',
    sql: `select id, kind, balance from accounts where (kind in ('player', 'held') and balance < 0)
      or (kind = 'debt' and balance > 0)`,
  },
  {
    says: 'balances that were beyond their floor at any time',
    sql: `select running.id, running.total from (select e.id, a.kind, sum(e.amount)
      over (partition by e.account_id order by e.id) as total
      from ledger_entries e join accounts a on a.id = e.account_id) running
      where (running.kind in ('player', 'held') and running.total < 0)
      or (running.kind = 'debt' and running.total > 0)`,
  },
  {
    says: 'entries whose balance afterwards is not the running sum',
    sql: `select running.id from (select id, balance_after, sum(amount)
      over (partition by account_id order by id) as total from ledger_entries) running
      where running.balance_after is not null and running.balance_after <> running.total`,
  },
  {
    says: 'bets that are not staked exactly once',
    sql: `select b.id, b.stake, staked.times, staked.total from bets b left join
      (select t.bet_id, count(*) as times, sum(e.amount) as total from transfers t
      join ledger_entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id
      where t.kind = 'stake' and a.kind = 'player' group by t.bet_id) staked
      on staked.bet_id = b.id where coalesce(staked.times, 0) <> 1 or staked.total <> -b.stake`,
  },
  {
    says: 'bets whose money is not what they say of themselves',
    sql: `select b.id, b.status, b.stake, b.payout, moved.total from bets b left join
      (select t.bet_id, sum(e.amount) as total from transfers t
      join ledger_entries e on e.transfer_id = t.id where e.user_id is not null
      group by t.bet_id) moved on moved.bet_id = b.id
      where coalesce(moved.total, 0) <>
      case when b.status = 'open' then 0 else coalesce(b.payout, 0) end - b.stake`,
  },
  {
    says: 'bets whose stake lies open though they are settled, or does not though they are not',
    sql: `select b.id, b.status, open_stakes.total from bets b left join
      (select t.bet_id, sum(e.amount) as total from transfers t
      join ledger_entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id
      where a.kind = 'open_stakes' group by t.bet_id) open_stakes on open_stakes.bet_id = b.id
      where coalesce(open_stakes.total, 0) <> case when b.status = 'open' then b.stake else 0 end`,
  },
] as const

/** Double entry, held against itself. */
export const checkLedger = (store: Store): Promise<Finding[]> =>
  Promise.all(
    QUESTIONS.map((question) => findRows(store, { ...question, domain: 'analytics' as const })),
  )

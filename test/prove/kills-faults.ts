import type { Domain, Store } from './books-store.ts'

/** One thing done behind the platform's back. */
export type Fault = { says: string; domain: Domain; sql: string }

/** MariaDB does not let a table be asked for itself while it changes, but for one level more. */
const one = (table: string, where = 'true') =>
  `(select chosen.id from (select max(id) as id from ${table} where ${where}) chosen)`

const BET_ENTRY = `action_type = 'bet.placed'`

/** Each must be found; a proof that cannot fail is none. */
export const FAULTS: readonly Fault[] = [
  {
    says: 'an audit entry taken away',
    domain: 'compliance',
    sql: `delete from audit_logs where id = ${one('audit_logs', BET_ENTRY)}`,
  },
  {
    says: 'an audit entry changed',
    domain: 'compliance',
    sql: `update audit_logs set canonical = replace(canonical, 'bet.placed', 'bet.settled')
      where id = ${one('audit_logs', BET_ENTRY)}`,
  },
  {
    says: 'an entry changed by one minor unit',
    domain: 'analytics',
    sql: `update ledger_entries set amount = amount + 1 where id = ${one('ledger_entries')}`,
  },
  {
    says: 'an entry of two taken away',
    domain: 'analytics',
    sql: `delete from ledger_entries where id = ${one('ledger_entries')}`,
  },
  {
    says: 'a balance changed by one minor unit',
    domain: 'analytics',
    sql: `update accounts set balance = balance + 1 where id = ${one('accounts', `kind = 'player'`)}`,
  },
  {
    says: 'a bet taken away',
    domain: 'analytics',
    sql: `delete from bets where id = ${one('bets')}`,
  },
  {
    says: 'a bet that nobody placed',
    domain: 'analytics',
    sql: `update bets set idempotency_key = 'another-key' where id = ${one('bets')}`,
  },
  {
    says: 'an event taken away',
    domain: 'analytics',
    sql: `delete from events where id = ${one('events', `topic like 'portfolio:%'`)}`,
  },
  {
    says: 'an event that tells another balance',
    domain: 'analytics',
    sql: `update events set payload = replace(payload, '"balance":"', '"balance":"9')
      where id = ${one('events', `topic like 'portfolio:%' and type = 'balance'`)}`,
  },
  {
    says: 'a clearance that expired though the bet stands',
    domain: 'compliance',
    sql: `update clearances set status = 'expired'
      where id = ${one('clearances', `status = 'confirmed' and kind = 'bet'`)}`,
  },
  {
    says: 'a message that was not delivered',
    domain: 'analytics',
    sql: `update outbox set sent_at = null where id = ${one('outbox')}`,
  },
]

/** For each fault, how many ways of being wrong the checks found in it. */
export async function plantFaults(
  copy: Store,
  check: () => Promise<number>,
): Promise<{ says: string; found: number }[]> {
  const planted: { says: string; found: number }[] = []
  for (const { says, ...fault } of FAULTS) {
    planted.push({ says, found: await copy.supposing(fault, check) })
  }
  return planted
}

import { type Finding, finding, findRows, surplus } from './books-findings.ts'
import { DOMAINS, type Store } from './books-store.ts'

/** Compliance's yes to bets and deposits, held against the bets and deposits. */
export async function checkClearances(store: Store): Promise<Finding[]> {
  const confirmed = await store.ask(
    'compliance',
    `select id, resource from clearances where status = 'confirmed'`,
  )
  const bets = await store.ask('analytics', 'select id, clearance_id from bets')
  // The demo's play money is the platform's own, and asked of nobody.
  const deposits = await store.ask(
    'analytics',
    `select id from transfers where kind = 'deposit' and key_owner like 'user:%'`,
  )
  const used = [...bets.map(({ id }) => `bet:${id}`), ...deposits.map(({ id }) => `transfer:${id}`)]
  const told = confirmed.map(({ resource }) => String(resource))
  const own = new Set(confirmed.map(({ id, resource }) => `${id} for ${resource}`))
  const foreign = bets.filter(({ id, clearance_id: of }) => !own.has(`${of} for bet:${id}`))
  return [
    finding('bets and deposits without a confirmed clearance', surplus(used, told)),
    finding('confirmed clearances of nothing, or doubled', surplus(told, used)),
    finding(
      'bets whose own clearance was confirmed for something else',
      foreign.map(({ id }) => `bet ${id}`),
    ),
  ]
}

/** What is still on its way although nothing happens any more. */
export async function checkSettled(store: Store): Promise<Finding[]> {
  const waiting = DOMAINS.map((domain) =>
    findRows(store, {
      says: `messages of ${domain} that were not delivered`,
      domain,
      sql: 'select receiver, kind, aggregate, last_error from outbox where sent_at is null',
    }),
  )
  const unsettled = findRows(store, {
    says: 'fixtures whose bets wait for their settlement',
    domain: 'analytics',
    sql: 'select id, result_version, settled_version from fixtures where settlement_due_at is not null',
  })
  return Promise.all([...waiting, unsettled])
}

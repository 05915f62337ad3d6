import { createHash } from 'node:crypto'
import { type Finding, finding, surplus } from './books-findings.ts'
import { DOMAINS, type Row, type Store } from './books-store.ts'

const FIRST = '0'.repeat(64)

type Canonical = { chain?: unknown; seq?: unknown; prev?: unknown; source?: unknown; key?: unknown }

function faultOf(row: Row, { seq, prev }: { seq: number; prev: string }): string | null {
  const { chain, canonical, source, delivery_key: key } = row
  const bytes = createHash('sha256').update(String(canonical)).digest('hex')
  const said = JSON.parse(String(canonical)) as Canonical
  const isSaid =
    said.chain === chain && said.prev === prev && said.source === source && said.key === key
  if (Number(row.seq) !== seq || Number(said.seq) !== seq) return `place ${row.seq} is not ${seq}`
  if (row.prev_hash !== prev || !isSaid) return `entry ${seq} does not follow the one before`
  return row.entry_hash === bytes ? null : `entry ${seq} has another hash`
}

/** Walks one chain; a fault is told once, where it begins. */
function walk(chain: string, rows: readonly Row[], head: Row | undefined): string[] {
  let prev = FIRST
  for (const [index, row] of rows.entries()) {
    const fault = faultOf(row, { seq: index + 1, prev })
    if (fault) return [`${chain}: ${fault}`]
    prev = String(row.entry_hash)
  }
  const isWhole = Number(head?.seq) === rows.length && head?.hash === prev
  return isWhole ? [] : [`${chain}: its head is not its last entry`]
}

async function checkChains(store: Store): Promise<Finding> {
  const rows = await store.ask(
    'compliance',
    `select chain, seq, source, delivery_key, canonical, prev_hash, entry_hash
      from audit_logs order by chain, seq`,
  )
  const heads = await store.ask(
    'compliance',
    `select chain, seq, hash from audit_chains where chain <> 'all'`,
  )
  const chains = new Map(heads.map((head) => [String(head.chain), [] as readonly Row[]]))
  for (const [chain, own] of Map.groupBy(rows, (row) => String(row.chain))) chains.set(chain, own)
  const faults = [...chains].flatMap(([chain, own]) =>
    walk(
      chain,
      own,
      heads.find((head) => head.chain === chain),
    ),
  )
  return finding('audit chains that are not whole', faults)
}

/** What each subgraph sent, held against what compliance keeps. */
async function checkDeliveries(store: Store): Promise<Finding[]> {
  const sent: string[] = []
  for (const domain of DOMAINS) {
    const rows = await store.ask(
      domain,
      `select idempotency_key as name from outbox where receiver = 'audit'`,
    )
    sent.push(...rows.map(({ name }) => `${domain} ${name}`))
  }
  const kept = await store.ask('compliance', 'select source, delivery_key from audit_logs')
  const texts = kept.map((row) => `${row.source} ${row.delivery_key}`)
  return [
    finding('audit records sent and not kept', surplus(sent, texts)),
    finding('audit entries that nobody sent, or kept twice', surplus(texts, sent)),
  ]
}

/** What each kind of booking does to its bet. */
const DEEDS: Readonly<Record<string, string>> = {
  stake: 'placed',
  cash_out: 'cashed out',
  payout: 'paid',
  refund: 'paid',
  reversal: 'taken back',
}

/** The same, as audit entries and events call it. */
export const BET_CHANGES: Readonly<Record<string, readonly string[]>> = {
  placed: ['placed'],
  cashed_out: ['cashed out'],
  settled: ['paid'],
  corrected: ['taken back', 'paid'],
  reopened: ['taken back'],
}

/** What happened to bets, told by the ledger: as in `placed bet 7`. */
export async function deedsOfBets(store: Store): Promise<string[]> {
  const transfers = await store.ask(
    'analytics',
    'select kind, bet_id from transfers where bet_id is not null',
  )
  return transfers.map(({ kind, bet_id: id }) => `${DEEDS[String(kind)] ?? kind} bet ${id}`)
}

const BOOKINGS: Readonly<Record<string, string>> = {
  deposit: 'money.deposited',
  adjustment: 'money.adjusted',
}

async function deedsOfMoney(store: Store): Promise<string[]> {
  const transfers = await store.ask('analytics', 'select id, kind from transfers')
  return transfers.flatMap(({ id, kind }) => {
    const action = BOOKINGS[String(kind)]
    return action === undefined ? [] : [`${action} transfer ${id}`]
  })
}

const MONEY_ACTIONS = new Set(Object.values(BOOKINGS))

function deedsOfEntry({ action_type: action, resource_type: type, resource_key: key }: Row) {
  const name = String(action)
  if (MONEY_ACTIONS.has(name)) return [`${name} ${type} ${key}`]
  if (!name.startsWith('bet.')) return []
  return (BET_CHANGES[name.slice('bet.'.length)] ?? []).map((deed) => `${deed} ${type} ${key}`)
}

/** Every change of money and bets, held against the entries that tell of it. */
async function checkActs(store: Store): Promise<Finding[]> {
  const rows = await store.ask(
    'compliance',
    `select action_type, resource_type, resource_key from audit_logs
      where outcome = 'done' and source = 'analytics'`,
  )
  const told = rows.flatMap(deedsOfEntry)
  const acts = [...(await deedsOfMoney(store)), ...(await deedsOfBets(store))]
  return [
    finding('changes of money or bets without an audit entry', surplus(acts, told)),
    finding('audit entries of changes that are not there, or doubled', surplus(told, acts)),
  ]
}

/** The audit log, held against its own chains, the outboxes and the books. */
export async function checkAudit(store: Store): Promise<Finding[]> {
  const { length } = await store.ask('compliance', 'select id from audit_logs')
  return [
    finding('an audit log without an entry', length > 0 ? [] : ['empty']),
    await checkChains(store),
    ...(await checkDeliveries(store)),
    ...(await checkActs(store)),
  ]
}

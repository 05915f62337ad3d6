import { BET_CHANGES, deedsOfBets } from './books-audit.ts'
import { type Finding, finding, surplus } from './books-findings.ts'
import { DOMAINS, type Row, type Store } from './books-store.ts'

/** Topics whose events do not count 1, 2, 3, … up to what the topic says. */
async function checkDense(store: Store): Promise<Finding> {
  const holes: string[] = []
  for (const domain of DOMAINS) {
    const topics = await store.ask(
      domain,
      `select t.topic, t.last_seq, count(e.id) as held, min(e.seq) as lowest, max(e.seq) as highest
        from event_topics t left join events e on e.topic = t.topic group by t.topic, t.last_seq`,
    )
    const isDense = ({ last_seq: last, held, lowest, highest }: Row) =>
      last === held && (held === '0' || (lowest === '1' && highest === last))
    holes.push(...topics.filter((row) => !isDense(row)).map(({ topic }) => `${domain}: ${topic}`))
  }
  return finding('topics with a hole', holes)
}

type Payload = Readonly<Record<string, unknown>>

/** The events of all portfolios as the table keeps them, in order. */
export async function readPortfolios(
  store: Store,
): Promise<{ userId: string; type: string; payload: Payload; seq: number }[]> {
  const rows = await store.ask(
    'analytics',
    `select topic, type, seq, payload from events where topic like 'portfolio:%'
      order by topic, seq`,
  )
  return rows.map(({ topic, type, seq, payload }) => ({
    userId: String(topic).slice('portfolio:'.length),
    type: String(type),
    seq: Number(seq),
    payload: JSON.parse(String(payload)) as Payload,
  }))
}

/** Every change of a person's balance, held against the events that tell of it. */
async function checkBalances(store: Store): Promise<Finding[]> {
  const entries = await store.ask(
    'analytics',
    `select user_id, account_id, transfer_id, amount, balance_after from ledger_entries
      where user_id is not null`,
  )
  const changes = entries.map((entry) =>
    [entry.user_id, entry.account_id, entry.transfer_id, entry.amount, entry.balance_after].join(),
  )
  const told = (await readPortfolios(store))
    .filter(({ type }) => type === 'balance')
    .map(({ userId, payload }) =>
      [
        ...[userId, payload.accountId, payload.transferId],
        ...[payload.change, payload.balance],
      ].join(),
    )
  return [
    finding('changes of balances without an event', surplus(changes, told)),
    finding('events of balances that did not change, or doubled', surplus(told, changes)),
  ]
}

/** A bet is told of when it is placed, with every settlement, and when it is cashed out. */
async function checkBets(store: Store): Promise<Finding[]> {
  const deeds = await deedsOfBets(store)
  const events = (await readPortfolios(store)).filter(({ type }) => type === 'bet')
  const told = events.flatMap(({ payload }) =>
    (BET_CHANGES[String(payload.change)] ?? []).map((deed) => `${deed} bet ${payload.betId}`),
  )
  const bets = await store.ask('analytics', 'select id, status, payout from bets')
  const last = new Map(events.map(({ payload }) => [String(payload.betId), payload]))
  const stale = bets.filter(({ id, status, payout }) => {
    const news = last.get(String(id))
    return news?.status !== status || String(news?.payout ?? null) !== String(payout)
  })
  return [
    finding('changes of bets without an event', surplus(deeds, told)),
    finding('events of bets that did not change, or doubled', surplus(told, deeds)),
    finding(
      'bets whose last event tells something else',
      stale.map(({ id }) => `bet ${id}`),
    ),
  ]
}

/** The events tables, held against themselves and against the books. */
export const checkEvents = async (store: Store): Promise<Finding[]> => [
  await checkDense(store),
  ...(await checkBalances(store)),
  ...(await checkBets(store)),
]

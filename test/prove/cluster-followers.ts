import type { Finding } from './books-findings.ts'
import type { Domain, Store } from './books-store.ts'
import type { Caller } from './kills-caller.ts'
import type { Manners } from './kills-followers.ts'
import { compareSeen } from './live-compare.ts'
import { type Follower, startFollower } from './live-follower.ts'
import { overEventStream, overMultipart, overSocket } from './live-lines.ts'

type Told = { text: string }

/** A topic that many follow, and where its events stand. */
type Topic = {
  domain: Domain
  name: string
  query: string
  read: (told: unknown) => Told
  /** What is read of an event as the table has it. */
  textOf: (event: { seq: string; payload: Readonly<Record<string, unknown>> }) => string
}

/** Somebody who follows a shared topic, from before its first event. */
export type SharedFollower = Follower<Told> & { topic: Topic }

/** The tenant Acme of the demo world. */
export const TENANT = '1'

const PRICES: Topic = {
  domain: 'analytics',
  name: 'odds',
  query: 'subscription Prices { oddsChanged { id odds previousOdds source at } }',
  read: (told) => ({ text: (told as { id: string }).id }),
  textOf: ({ payload }) => String(payload.id),
}
const NEWS: Topic = {
  domain: 'tenancy',
  name: `tenancy:${TENANT}`,
  query: `subscription News { tenancyChanged(tenantId: "${TENANT}") { seq type at targetId } }`,
  read: (told) => ({ text: String((told as { seq: number }).seq) }),
  textOf: ({ seq }) => seq,
}

const LINES = [overSocket, overEventStream, overMultipart]

/** A third each by graphql-ws, server-sent events and the multipart protocol, and half on each topic. */
export function followShared(
  url: string,
  count: number,
  { caller, manners }: { caller: Caller; manners: Manners },
): SharedFollower[] {
  return Array.from({ length: count }, (_, index) => {
    const follow = LINES[index % LINES.length] ?? overSocket
    const topic = index % 2 === 0 ? PRICES : NEWS
    const { query, read } = topic
    const name = `subscriber ${index + 1} of ${topic.name}`
    const token = caller.token
    return { ...startFollower(follow, { ...manners, name, url, query, read, token }), topic }
  })
}

async function storedTexts(store: Store, { domain, name, textOf }: Topic): Promise<string[]> {
  const rows = await store.ask(
    domain,
    `select seq, payload from events where topic = '${name}' order by seq`,
  )
  return rows.map(({ seq, payload }) =>
    textOf({ seq: String(seq), payload: JSON.parse(String(payload)) }),
  )
}

async function storedOfAll(store: Store): Promise<Map<Topic, string[]>> {
  const stored = new Map<Topic, string[]>()
  for (const topic of [PRICES, NEWS]) stored.set(topic, await storedTexts(store, topic))
  return stored
}

/** Whether each has as many as the table. */
export async function haveSeenAllShared(
  store: Store,
  followers: readonly SharedFollower[],
): Promise<boolean> {
  const stored = await storedOfAll(store)
  return followers.every(({ topic, seen }) => seen.length >= (stored.get(topic)?.length ?? 0))
}

/** What was seen of shared topics, held against what the tables hold. */
export async function checkShared(
  store: Store,
  followers: readonly SharedFollower[],
): Promise<Finding[]> {
  const stored = await storedOfAll(store)
  const compared = followers.map(({ name, topic, seen }) => ({
    name,
    stored: stored.get(topic) ?? [],
    seen: seen.map(({ text }) => text),
  }))
  return compareSeen('shared events', compared)
}

import { setImmediate as turn } from 'node:timers/promises'
import type { AuditRecord } from '#kernel/audit/audit.ts'
import { createClientSeal } from '#kernel/audit/client-seal.ts'
import type { Client } from '#kernel/auth/client.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import type { Database } from '#kernel/db/database.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { AuditChain } from '#subgraphs/compliance/entities/audit-chain.ts'
import { AuditLog } from '#subgraphs/compliance/entities/audit-log.ts'
import { chainKeyOf } from '#subgraphs/compliance/services/audit/entry.ts'
import {
  acrossTenantsVerify,
  type VerificationRequest,
} from '#subgraphs/compliance/services/audit/verification.ts'
import {
  openCompliance,
  START,
  VIEWERS,
  type Who,
  type World,
  type WorldOptions,
} from '../compliance-kit.ts'

/** The operator's keys that the worlds of these tests are opened with. */
export const OPERATOR_KEYS = parseOperatorKeys(
  newOperatorKeyText(createSeededRandomness('operator')),
)
export const CHAIN_KEY = chainKeyOf(OPERATOR_KEYS)

const KEYS = deriveServiceKeys(Buffer.alloc(32, 7))

const seal = createClientSeal({ operatorKeys: OPERATOR_KEYS, randomness: systemRandomness })

/** A client as a sender's record carries it. */
export const sealed = (client: Client): string | null => seal.seal(client)

export type RecordParts = Partial<Omit<AuditRecord, 'version' | 'client'>> & {
  client?: Client | null
  userId?: string | null
}

/** The record of a person's act in tenant 1, unless told otherwise. */
export function recordOf({ client = null, userId = '7', ...parts }: RecordParts = {}): AuditRecord {
  return {
    version: 2,
    at: START.toISOString(),
    actor: {
      ...{ kind: userId === null ? 'anonymous' : 'user', userId },
      ...{ keyId: null, sessionId: userId === null ? null : 'session', serviceName: null },
    },
    client: client && sealed(client),
    requestId: 'request',
    action: 'role.grant',
    resource: { type: 'role', id: '12' },
    outcome: 'done',
    tenantId: '1',
    guildId: null,
    details: {},
    ...parts,
  }
}

export type Sent = { key: string; payload: unknown; aggregate?: string; at?: string }

/** Deliveries of a sender's outbox, in one request. @returns the keys that were accepted */
export async function deliverAll({ send }: World, sent: readonly Sent[], caller = 'identity') {
  const deliveries = sent.map(({ aggregate = 'role:12', at = START.toISOString(), ...rest }) => ({
    ...{ kind: 'audit.recorded', aggregate, at },
    ...rest,
  }))
  const viewer = VIEWERS.anonymous
  const response = await send('/inbox', { caller, viewer, body: { deliveries } })
  if (response.status !== 200) throw new Error(`the inbox answered ${response.status}`)
  return ((await response.json()) as { accepted: string[] }).accepted
}

let made = 0

/** Appends records, each under a key of its own. */
export async function append(world: World, records: readonly unknown[], caller?: string) {
  const sent = records.map((payload) => ({ key: `record-${made++}`, payload }))
  const accepted = await deliverAll(world, sent, caller)
  if (accepted.length < sent.length) throw new Error('a record was not accepted')
  return sent.map(({ key }) => key)
}

/** All entries, in the order of their ids. */
export const entriesOf = ({ database }: { database: Database }) =>
  database.acrossTenants().find(AuditLog, {}, { orderBy: { id: 'asc' } })

/** Resolves when alert rules were evaluated over all entries; the service has to be started. */
export async function evaluated({ database }: { database: Database }): Promise<void> {
  for (;;) {
    const all = await database.acrossTenants().findOne(AuditChain, { chain: 'all' })
    if (!all || all.publishedSeq === all.seq) return
    await turn()
  }
}

export const verify = (
  { database }: { database: Database },
  chain = 'tenant:1',
  request: Partial<VerificationRequest> = {},
) => acrossTenantsVerify({ database, chainKey: CHAIN_KEY }, { ...request, chain })

/** Every part of the chain of tenant 1, of `limit` entries each, from the first to the one that ends it. */
export async function inParts(world: { database: Database }, limit: number) {
  const parts = [await verify(world, 'tenant:1', { limit })]
  for (let next = parts[0]?.nextSeq ?? null; next !== null; next = parts.at(-1)?.nextSeq ?? null) {
    if (next <= parts.length - 1) throw new Error('the parts come to no end')
    parts.push(await verify(world, 'tenant:1', { fromSeq: next, limit }))
  }
  return parts
}

type LiveAnswer = {
  // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
  data: any
  codes: string[]
  cursor: string | null
}

type Payload = {
  data?: unknown
  errors?: { extensions?: { code?: string } }[]
  extensions?: { cursor?: string }
}

const toLive = ({ data = null, errors = [], extensions }: Payload): LiveAnswer => ({
  data,
  codes: errors.map((error) => error.extensions?.code ?? 'none'),
  cursor: extensions?.cursor ?? null,
})

async function* readStream(response: Response): AsyncGenerator<LiveAnswer, undefined> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield toLive((await response.json()) as Payload)
    return
  }
  let text = ''
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: (.+)$/m.exec(block)?.[1]
      if (data) yield toLive(JSON.parse(data) as Payload)
    }
  }
}

/** Live answers until the stream is returned. */
export async function follow(
  { service, clock }: World,
  who: Who,
  { query, resume = null }: { query: string; resume?: string | null },
) {
  const viewer = typeof who === 'string' ? VIEWERS[who] : who
  const body = JSON.stringify({ query, extensions: { resume } })
  const deps = { keys: KEYS, clock, randomness: systemRandomness }
  const token = mintServiceToken(deps, { caller: 'gateway', callee: 'compliance', body, viewer })
  const headers = {
    ...{ 'content-type': 'application/json', accept: 'text/event-stream' },
    [SERVICE_TOKEN_HEADER]: token,
  }
  const request = new Request('http://compliance.local/graphql', { method: 'POST', body, headers })
  return readStream(await service.fetch(request))
}

/** The next `count` live answers. */
export async function take(stream: AsyncGenerator<LiveAnswer, undefined>, count: number) {
  const taken: LiveAnswer[] = []
  while (taken.length < count) {
    const { value, done } = await stream.next()
    if (done || !value) return taken
    taken.push(value)
  }
  return taken
}

export const openAudit = (options: WorldOptions = {}) => openCompliance(options)
export type { World } from '../compliance-kit.ts'

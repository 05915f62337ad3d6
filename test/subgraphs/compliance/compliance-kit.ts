import { AUDIT_RECEIVER, type AuditRecord } from '#kernel/audit/audit.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { openService } from '#kernel/serve/open-service.ts'
import { createClearanceJobs } from '#subgraphs/compliance/services/clearance-jobs.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { silentLog } from '../../kit/database.ts'
import { createIdentityStandIn } from '../../kit/identity-stand-in.ts'

export const TEST_KEYS = deriveServiceKeys(Buffer.alloc(32, 7))

export const ACME_GUILD = '81384788765712384'
export const ACME_CLUB = '81384788765712385'
export const GLOBEX_GUILD = '197038439483310086'

export const START = new Date('2026-03-01T12:00:00.000Z')

const TENANT_SCOPES = SCOPE_NAMES.filter((scope) => scope !== 'tenants:write')

export const userViewer = (userId: string, reach: Reach, scopes: readonly string[]): Viewer => ({
  ...anonymousViewer('test-request'),
  kind: 'user',
  userId,
  sessionId: 'session',
  reach,
  scopes: [...scopes].sort(),
})

const acme = { kind: 'tenant', tenantId: '1' } as const
const acmeGuild = { kind: 'guild', tenantId: '1', guildId: ACME_GUILD } as const

export const VIEWERS = {
  operator: userViewer('1', { kind: 'platform' }, SCOPE_NAMES),
  acmeAdmin: userViewer('2', acme, TENANT_SCOPES),
  acmeGuildAdmin: userViewer('3', acmeGuild, TENANT_SCOPES),
  member: userViewer('4', acmeGuild, []),
  globexAdmin: userViewer('5', { kind: 'tenant', tenantId: '2' }, TENANT_SCOPES),
  /** The member, signed in at the other tenant. */
  memberAtGlobex: userViewer('4', { kind: 'tenant', tenantId: '2' }, []),
  /** The member, nothing chosen yet. */
  memberAnywhere: userViewer('4', { kind: 'none' }, []),
  /** No rights anywhere, but every scope: rows alone must stop it. */
  reachless: userViewer('8', { kind: 'none' }, SCOPE_NAMES),
  /** A key of the member: it speaks for nobody. */
  memberKey: {
    ...userViewer('4', acme, []),
    kind: 'key',
    sessionId: null,
    keyId: 'key',
  },
  analytics: serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'none' },
    scopes: [],
    requestId: 'test-request',
  }),
  anonymous: anonymousViewer('test-request'),
} as const satisfies Record<string, Viewer>

export type Who = keyof typeof VIEWERS | Viewer

const viewerOf = (who: Who): Viewer => (typeof who === 'string' ? VIEWERS[who] : who)

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
type Data = any

export type Answer = { data: Data; codes: string[]; details: Record<string, unknown>[] }

type Payload = { data?: Data; errors?: { extensions?: Record<string, unknown> }[] }

const toAnswer = ({ data = null, errors = [] }: Payload): Answer => ({
  data,
  codes: errors.map(({ extensions }) => String(extensions?.code)),
  details: errors.map(({ extensions = {} }) => extensions),
})

/** In which tenants identity knows the people of these tests. */
const PEOPLE = {
  2: { tenantIds: ['1'] },
  3: { tenantIds: ['1'] },
  4: { tenantIds: ['1', '2'] },
  5: { tenantIds: ['2'] },
} as const

export type World = Awaited<ReturnType<typeof openCompliance>>

export type WorldOptions = { databaseUrl?: string }

/** Compliance as a service, migrated, asked through its door with the tokens of the gateway. */
export async function openCompliance({ databaseUrl = 'sqlite::memory:' }: WorldOptions = {}) {
  const clock = createManualClock(START)
  const identity = createIdentityStandIn({ people: PEOPLE })
  const service = await openService({
    subgraph: compliance,
    databaseUrl,
    front: createRingFront(),
    clock,
    randomness: systemRandomness,
    log: silentLog,
    serviceKeys: TEST_KEYS,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator'))),
    oddsFeed: { kind: 'none' },
    resolve: (callee) => {
      if (callee === 'identity') return identity.address()
      throw new Error('nobody else is here')
    },
    receivers: [],
  })
  const { database } = service
  const send = (path: string, sent: { caller: string; viewer: Viewer; body: object }) => {
    const { caller, viewer } = sent
    const body = JSON.stringify(sent.body)
    const deps = { keys: TEST_KEYS, clock, randomness: systemRandomness }
    const token = mintServiceToken(deps, { caller, callee: 'compliance', body, viewer })
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      [SERVICE_TOKEN_HEADER]: token,
    }
    const init = { method: 'POST', body, headers }
    return service.fetch(new Request(`http://compliance.local${path}`, init))
  }
  const ask = async (who: Who, query: string, variables: object = {}): Promise<Answer> => {
    const sent = { caller: 'gateway', viewer: viewerOf(who), body: { query, variables } }
    return toAnswer((await (await send('/graphql', sent)).json()) as Payload)
  }
  return {
    service,
    database,
    clock,
    identity,
    send,
    ask,
    /** The fields of an entity, as the gateway asks for them. */
    entity: async (who: Who, representation: object, fields: string) => {
      const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ${fields} } }`
      const { data, ...answer } = await ask(who, query, { of: [representation] })
      return { ...answer, data: data?._entities?.[0] ?? null }
    },
    /** What another subgraph's outbox delivers. */
    deliver: async (key: string, kind: string, payload: unknown, caller = 'analytics') => {
      const delivery = { key, kind, aggregate: 'test:1', payload, at: START.toISOString() }
      const sent = { caller, viewer: VIEWERS.anonymous, body: { deliveries: [delivery] } }
      const response = await send('/inbox', sent)
      return ((await response.json()) as { accepted: string[] }).accepted
    },
    /** What waits for the audit log, in the order of its writing. */
    audited: async () => {
      const order = { orderBy: { id: 'asc' } } as const
      const em = database.acrossTenants()
      const rows = await em.find(OutboxRow, { receiver: AUDIT_RECEIVER }, order)
      return rows.map(({ payload }) => JSON.parse(payload) as AuditRecord)
    },
    /** Runs a job of clearances at once. */
    run: (kind: 'clearances.expire' | 'clearances.forget') =>
      createClearanceJobs({ database, clock })[kind]?.({
        ...{ payload: {}, attempt: 1, progress: async () => {} },
        signal: new AbortController().signal,
      }),
    [Symbol.asyncDispose]: () => service.stop(1_000),
  }
}

type GuildSwitches = { complianceMode?: boolean; auditLogging?: boolean }

/** Has tenancy tell of the demo world's guilds. */
export async function placeGuilds({ deliver }: World, switches: GuildSwitches = {}) {
  const places = [
    { guildId: ACME_GUILD, tenantId: '1' },
    { guildId: ACME_CLUB, tenantId: '1' },
    { guildId: GLOBEX_GUILD, tenantId: '2' },
  ]
  for (const place of places) {
    const payload = { ...place, ...(place.guildId === ACME_GUILD && switches) }
    await deliver(`placed-${place.guildId}`, 'guild.registered', payload, 'tenancy')
  }
}

const PUBLISH = `mutation ($input: PublishPolicyInput!) {
  publishPolicy(input: $input) { id type version status effectiveFrom effectiveUntil tenant { id } } }`

/** Publishes a policy; terms 1.0 of the platform unless told. */
export const publish = ({ ask }: World, input: object = {}, who: Who = 'operator') =>
  ask(who, PUBLISH, { input: { type: 'terms', name: 'Terms of use', version: '1.0', ...input } })

export const CONSENT = `id purpose version isStanding channel grantedAt endedAt ending
  withdrawnChannel tenant { id } guild { id } user { id }`

export const GIVE = `mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { ${CONSENT} } }`
export const WITHDRAW = `mutation ($input: WithdrawConsentInput!) {
  withdrawConsent(input: $input) { ${CONSENT} } }`

/** Agrees to the terms 1.0 on the web unless told. */
export const give = ({ ask }: World, who: Who, input: object = {}) =>
  ask(who, GIVE, { input: { purpose: 'terms', version: '1.0', channel: 'WEB', ...input } })

/** Takes the consent to the terms back on the web unless told. */
export const withdraw = ({ ask }: World, who: Who, input: object = {}) =>
  ask(who, WITHDRAW, { input: { purpose: 'terms', channel: 'WEB', ...input } })

/** What a person sees of a person's consents, oldest first. */
export async function consentsOf(world: World, who: Who, userId: string, standingOnly = false) {
  const fields = `... on User { consents(first: 100, standingOnly: ${standingOnly}) {
    edges { node { ${CONSENT} } } } }`
  const answer = await world.entity(who, { __typename: 'User', id: userId }, fields)
  const edges = (answer.data?.consents?.edges ?? []) as { node: Data }[]
  return { ...answer, consents: edges.map(({ node }) => node) }
}

import { type ExecutionResult, execute, parse, subscribe } from 'graphql'
import { createAudit } from '#kernel/audit/audit.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { anonymousViewer, type Reach, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { maskError } from '#kernel/graphql/mask-error.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { KERNEL_ENTITIES } from '#kernel/service/kernel-entities.ts'
import { createContext } from '#subgraphs/tenancy/context.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { TEST_CLIENT_SEAL } from '../../kit/client-seal.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { openSqlite, silentLog, type TestDatabase } from '../../kit/database.ts'

export const TENANCY_ENTITIES = [...tenancy.entities, ...KERNEL_ENTITIES]

export const ACME_GUILD = '81384788765712384'
export const ACME_CLUB = '81384788765712385'
export const GLOBEX_GUILD = '197038439483310086'

/** Rows of an answer, read without types: a test says what it expects of them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
type Data = any

export type Answer = { data: Data; codes: string[]; details: Record<string, unknown>[] }

export type Ask = (query: string, variables?: object) => Promise<Answer>

const TENANT_SCOPES = SCOPE_NAMES.filter((scope) => scope !== 'tenants:write')

const userViewer = (reach: Reach, scopes: readonly string[], userId = '7'): Viewer => ({
  ...anonymousViewer('test-request'),
  kind: 'user',
  userId,
  sessionId: 'session',
  reach,
  scopes: [...scopes].sort(),
})

export const VIEWERS = {
  operator: userViewer({ kind: 'platform' }, SCOPE_NAMES, '1'),
  acmeAdmin: userViewer({ kind: 'tenant', tenantId: '1' }, TENANT_SCOPES, '2'),
  globexAdmin: userViewer({ kind: 'tenant', tenantId: '2' }, TENANT_SCOPES, '3'),
  /** Every scope there is, and rights in one tenant alone. */
  acmeAlmighty: userViewer({ kind: 'tenant', tenantId: '1' }, SCOPE_NAMES, '4'),
  acmeGuildAdmin: userViewer(
    { kind: 'guild', tenantId: '1', guildId: ACME_GUILD },
    TENANT_SCOPES,
    '5',
  ),
  /** Signed in, nothing chosen yet. */
  newcomer: userViewer({ kind: 'none' }, [], '6'),
  /** No rights anywhere, but every scope: rows alone must stop it. */
  reachless: userViewer({ kind: 'none' }, SCOPE_NAMES, '8'),
  analytics: serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'platform' },
    scopes: ['guilds:read', 'tenants:read'],
    requestId: 'test-request',
  }),
  anonymous: anonymousViewer('test-request'),
} as const satisfies Record<string, Viewer>

/** As `VIEWERS.acmeAdmin`, without one of its scopes. */
export const without = (viewer: Viewer, scope: string): Viewer => ({
  ...viewer,
  scopes: viewer.scopes.filter((name) => name !== scope),
})

function toAnswer({ data, errors = [] }: ExecutionResult): Answer {
  const masked = errors.map((error) => maskError(error, silentLog).extensions)
  return { data, codes: masked.map(({ code }) => String(code)), details: masked }
}

/** The statements that `work` sends, transaction brackets aside. */
async function queriesOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const logger = database.orm.config.getLogger()
  const original = logger.logQuery
  const wasDebug = logger.isEnabled('query')
  const queries: string[] = []
  logger.setDebugMode(['query'])
  logger.logQuery = ({ query = '' }) => {
    if (!/^(begin|commit)/i.test(query)) queries.push(query)
  }
  try {
    await work()
    return queries
  } finally {
    logger.logQuery = original
    logger.setDebugMode(wasDebug)
  }
}

export type World = Awaited<ReturnType<typeof openTenancy>>

/** Tenancy on a real database with its own clock, asked through its schema. */
export async function openTenancy(
  open: (entities: typeof TENANCY_ENTITIES) => Promise<TestDatabase> = openSqlite,
) {
  const database = await open(TENANCY_ENTITIES)
  const clock = createManualClock(new Date('2026-08-15T14:30:00.000Z'))
  const randomness = systemRandomness
  const events = createEvents({
    cursors: TEST_CURSORS,
    database,
    front: createRingFront(),
    clock,
    randomness,
    log: silentLog,
    settings: { pollMilliseconds: 20 },
  })
  const deps = {
    database,
    clock,
    randomness,
    events,
    audit: createAudit({ clock, randomness, clientSeal: TEST_CLIENT_SEAL }),
    outbox: createOutbox({ clock, randomness }),
  }
  const contextOf = (viewer: Viewer, resume: string | null = null, signal = NEVER) =>
    createContext(deps, { viewer, resume, signal })
  const ask =
    (viewer: Viewer): Ask =>
    async (query, variableValues = {}) =>
      toAnswer(
        await execute({
          schema: tenancy.schema,
          document: parse(query),
          variableValues: variableValues as Record<string, unknown>,
          contextValue: contextOf(viewer),
        }),
      )
  return {
    database,
    clock,
    deps,
    events,
    contextOf,
    as: (who: keyof typeof VIEWERS | Viewer): Ask =>
      ask(typeof who === 'string' ? VIEWERS[who] : who),
    follow: async (viewer: Viewer, query: string, resume: string | null = null) => {
      const stop = new AbortController()
      const result = await subscribe({
        schema: tenancy.schema,
        document: parse(query),
        contextValue: contextOf(viewer, resume, stop.signal),
      })
      return { result, stop: () => stop.abort() }
    },
    queriesOf: (work: () => Promise<unknown>) => queriesOf(database, work),
    /** What was written for other services, audit records among it, oldest first. */
    messages: async (receiver: string) => {
      const rows = await database
        .acrossTenants()
        .find(OutboxRow, { receiver }, { orderBy: { id: 'asc' } })
      return rows.map(({ kind, aggregate, payload }) => ({
        kind,
        aggregate,
        payload: JSON.parse(payload) as Data,
      }))
    },
    [Symbol.asyncDispose]: async () => {
      await events.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

const NEVER = new AbortController().signal

/** A world with the two tenants and three guilds of the demo. */
export async function openSeeded(open?: Parameters<typeof openTenancy>[0]): Promise<World> {
  const world = await openTenancy(open)
  const { seedDemo } = await import('#subgraphs/tenancy/seed.ts')
  await seedDemo(world.deps)
  return world
}

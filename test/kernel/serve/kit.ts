import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { DomainError } from '#kernel/errors.ts'
import type { Events } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import type { StateOf, StoredEvent } from '#kernel/events/stored-event.ts'
import { createBuilder, type RequestContext, toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import { openService, type Service } from '#kernel/serve/open-service.ts'
import { serviceError } from '#kernel/service/errors.ts'
import type { Subgraph, SubgraphDeps } from '#kernel/service/subgraph.ts'

export const serviceKeys = deriveServiceKeys(Buffer.alloc(32, 7))
export const asker: Viewer = anonymousViewer('test-request')

type PingContext = RequestContext & {
  ping: { wait: () => Promise<string>; events: Events; note: (text: string) => string }
}

/** As whoever asks another service does: given up when the signal says so. */
async function patiently(ping: PingContext['ping'], signal: AbortSignal): Promise<string> {
  const waited = await ping.wait()
  signal.throwIfAborted()
  return waited
}

function createPingSchema() {
  const builder = createBuilder<PingContext>()
  builder.queryFields((t) => ({
    ping: t.string({ description: 'At once.', auth: { public: true }, resolve: () => 'pong' }),
    slow: t.string({
      description: 'When it is let go.',
      auth: { public: true },
      resolve: (_root, _args, { ping, signal }) => patiently(ping, signal),
    }),
    broken: t.string({
      description: 'A bug.',
      auth: { public: true },
      resolve: () => {
        throw new Error('the password is hunter2')
      },
    }),
  }))
  builder.mutationType({ description: 'Changes.' })
  builder.mutationFields((t) => ({
    note: t.string({
      description: 'Keeps a text.',
      auth: { public: true },
      args: { text: t.arg.string({ required: true, description: 'What to keep.' }) },
      resolve: (_root, { text }, { ping }) => ping.note(text),
    }),
  }))
  builder.subscriptionType({ description: 'Live.' })
  builder.subscriptionField('pinged', (t) =>
    t.string({
      description: 'Each ping.',
      auth: { public: true },
      subscribe: (_root, _args, { ping, resume, signal }) =>
        ping.events.subscribe('pings', { after: resume, signal, stateOf: pingState }),
      resolve: (event) => String((event as unknown as StoredEvent).payload),
    }),
  )
  builder.subscriptionField('pondered', (t) =>
    t.string({
      description: 'Each ping, when it is let go.',
      auth: { public: true },
      subscribe: (_root, _args, { ping, resume, signal }) =>
        ping.events.subscribe('pings', { after: resume, signal }),
      resolve: (_event, _args, { ping, signal }) => patiently(ping, signal),
    }),
  )
  return toSubgraphSchema(builder)
}

/** `state of a: …` tells of `a`; any other ping happened. */
const pingState: StateOf = ({ payload }) => /^state of (\w+)/.exec(String(payload))?.[1] ?? null

export type PingService = AsyncDisposable & {
  service: Service
  database: Database
  logged: readonly string[]
  /** Deliveries that were applied. */
  applied: readonly string[]
  /** Texts of mutations. */
  noted: readonly string[]
  publish: (text: string) => Promise<void>
  /** Trims the whole history of the pings. */
  forget: () => Promise<void>
  /** Lets waiting `slow` answers go. */
  release: () => void
  waiting: Promise<void>
}

/** A subgraph of one domain-free type, opened as every subgraph is. */
export async function openPingService(clock: Clock = systemClock): Promise<PingService> {
  const logged: string[] = []
  const applied: string[] = []
  const noted: string[] = []
  const note = (text: string) => {
    noted.push(text)
    return text
  }
  const gate = Promise.withResolvers<string>()
  const entered = Promise.withResolvers<void>()
  let deps: SubgraphDeps | undefined
  const subgraph: Subgraph = {
    name: 'tenancy',
    schema: createPingSchema(),
    entities: [],
    migrations: { sqlite: 'var/none', mysql: 'var/none' },
    open: async (given) => {
      deps = given
      await given.database.orm.schema.create()
      const wait = () => {
        entered.resolve()
        return gate.promise
      }
      return {
        createContext: (request) => ({ ...request, ping: { wait, note, events: given.events } }),
        routes: [
          {
            method: 'POST',
            path: '/hand-on',
            access: ['gateway'],
            handle: async () => {
              throw new DomainError('SERVICE_DRAINING', 'Another service is stopping.')
            },
          },
        ],
        inbox: {
          noted: async (_tx, { payload }) => void applied.push(String(payload)),
          refused: async () => {
            throw serviceError('SERVICE_ANSWER_INVALID', { service: 'test' })
          },
        },
      }
    },
  }
  const service = await openService({
    subgraph,
    databaseUrl: 'sqlite::memory:',
    front: createRingFront(),
    clock,
    randomness: systemRandomness,
    log: createLog({
      level: 'info',
      name: 'test',
      destination: { write: (line) => void logged.push(line) },
    }),
    serviceKeys,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator'))),
    oddsFeed: { kind: 'none' },
    resolve: () => {
      throw new Error('nobody else is here')
    },
    receivers: [],
  })
  return {
    service,
    database: service.database,
    logged,
    applied,
    noted,
    release: () => gate.resolve('done'),
    waiting: entered.promise,
    publish: (text) =>
      transactional(service.database.acrossTenants(), async (tx) => {
        await deps?.events.publish(tx, { topic: 'pings', type: 'pinged', payload: text })
      }),
    forget: async () => {
      await deps?.events.trim('pings', new Date(Date.now() + 60_000))
    },
    [Symbol.asyncDispose]: () => service.stop(1_000),
  }
}

export type Sent = {
  path?: string
  caller?: string
  callee?: string
  token?: string | null
  accept?: string
}

/** A request as the gateway sends it. */
export function requestOf(body: string, sent: Sent = {}): Request {
  const {
    path = '/graphql',
    caller = 'gateway',
    callee = 'tenancy',
    accept = 'application/json',
  } = sent
  const minted = mintServiceToken(
    { keys: serviceKeys, clock: systemClock, randomness: systemRandomness },
    { caller, callee, body, viewer: asker },
  )
  const token = sent.token === undefined ? minted : sent.token
  return new Request(`http://tenancy.local${path}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token !== null && { [SERVICE_TOKEN_HEADER]: token }),
    },
  })
}

/** A GraphQL request body. */
export const bodyOf = (query: string, extensions?: object) => JSON.stringify({ query, extensions })

import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Client } from '#kernel/auth/client.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import type { FirstOperator } from '#kernel/config.ts'
import type { Counters } from '#kernel/counters/counters.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createSeededRandomness, newId, systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { openService, type Waiting } from '#kernel/serve/open-service.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { silentLog } from '../../../kit/database.ts'

export const START = new Date('2026-08-15T12:00:00.000Z')
export const ACME = '1'
export const GLOBEX = '2'
export const ACME_GUILD = '81384788765712384'
export const ACME_OTHER_GUILD = '81384788765712385'
export const GLOBEX_GUILD = '197038439483310086'

export type Answer = {
  /** Empty where the whole answer failed. */
  data: Record<string, unknown>
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[]
}

export type Tokens = {
  accessToken: string
  refreshToken: string
  sessionId: string
  userId: string
  reach: string
  scopes: string[]
}

export type WorldOptions = {
  url?: string
  isSeeded?: boolean
  /** Each look at the clock finds it a millisecond later, so that what happens has an order. */
  isTicking?: boolean
  counters?: Counters
  firstOperator?: FirstOperator
  /** Waits for a database that is away while it starts. */
  waiting?: Waiting
  log?: Logger
}

export type World = Awaited<ReturnType<typeof openWorld>>

const SIGN_IN = /* GraphQL */ `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken refreshToken sessionId userId reach tenantId guildId scopes
      accessTokenExpiresAt refreshTokenExpiresAt
    }
  }
`

/** Identity behind its public door, on a real database, with a clock that stands still. */
export async function openWorld({
  url = 'sqlite::memory:',
  isSeeded = true,
  isTicking = false,
  log = silentLog,
  ...given
}: WorldOptions = {}) {
  const manual = createManualClock(START)
  const tick = (): Date => {
    manual.advance(1)
    return manual.now()
  }
  const clock = isTicking ? { ...manual, now: tick } : manual
  const serviceKeys = deriveServiceKeys(Buffer.alloc(32, 7))
  const operatorKeys = parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator')))
  const front = createRingFront()
  const service = await openService({
    subgraph: identity,
    databaseUrl: url,
    front,
    clock,
    randomness: systemRandomness,
    log,
    ...given,
    serviceKeys,
    operatorKeys,
    oddsFeed: { kind: 'none' },
    resolve: (callee) => {
      throw new Error(`nobody is at ${callee}`)
    },
    receivers: [],
  })

  const send = (
    request: {
      method?: string
      path: string
      body?: string
      accept?: string
      signal?: AbortSignal
    },
    who: { caller?: string; viewer?: Viewer } = {},
  ): Promise<Response> => {
    const { method = 'POST', path, body = '', accept = 'application/json', signal } = request
    const { caller = 'gateway', viewer = anonymousViewer(newId()) } = who
    const token = mintServiceToken(
      { keys: serviceKeys, clock, randomness: systemRandomness },
      { caller, callee: 'identity', body, viewer },
    )
    return service.fetch(
      new Request(`http://identity.local${path}`, {
        method,
        headers: { accept, 'content-type': 'application/json', [SERVICE_TOKEN_HEADER]: token },
        body: method === 'GET' ? null : body,
        ...(signal ? { signal } : {}),
      }),
    )
  }

  const execute = async (
    viewer: Viewer,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<Answer> => {
    const body = JSON.stringify({ query, variables })
    const answer = (await (await send({ path: '/graphql', body }, { viewer })).json()) as Answer
    return { ...answer, data: answer.data ?? {} }
  }

  const signIn = async (input: Record<string, unknown>, client: Client | null = null) => {
    const { data, errors } = await execute(anonymousViewer(newId(), client), SIGN_IN, { input })
    return { tokens: (data.signIn ?? null) as Tokens | null, code: errors?.[0]?.extensions.code }
  }

  const jwks = async (): Promise<JSONWebKeySet> => {
    const answer = await service.fetch(new Request('http://identity.local/.well-known/jwks.json'))
    return answer.json() as Promise<JSONWebKeySet>
  }

  const claimsOf = async (accessToken: string) => {
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(await jwks()), {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer: 'dbsbm',
      audience: 'dbsbm-gateway',
      currentDate: clock.now(),
    })
    return payload
  }

  /** The viewer that the gateway makes of an access token. */
  const viewerOf = async (accessToken: string): Promise<Viewer> => {
    const { sub, sid, scope, reach, tenant, guild } = await claimsOf(accessToken)
    const place = {
      ...(tenant !== undefined && { tenantId: String(tenant) }),
      ...(guild !== undefined && { guildId: String(guild) }),
    }
    return {
      ...anonymousViewer(newId()),
      kind: 'user',
      userId: String(sub),
      sessionId: String(sid),
      reach: { kind: reach, ...place } as Reach,
      scopes: String(scope) === '' ? [] : String(scope).split(' '),
    }
  }

  const as = async (input: Record<string, unknown>): Promise<Viewer> => {
    const { tokens, code } = await signIn(input)
    if (!tokens) throw new Error(`sign-in was refused: ${code}`)
    return viewerOf(tokens.accessToken)
  }

  /** Delivers what tenancy's outbox would. */
  const deliver = async (
    deliveries: { kind: string; payload: unknown; at?: string; key?: string }[],
  ) => {
    const at = clock.now().toISOString()
    const body = JSON.stringify({
      deliveries: deliveries.map(({ key = newId(), ...one }) => ({
        at,
        key,
        aggregate: 'guild:1',
        ...one,
      })),
    })
    return (await send({ path: '/inbox', body }, { caller: 'tenancy' })).json() as Promise<{
      accepted: string[]
    }>
  }

  if (isSeeded) {
    await service.seed()
    await deliver(
      [
        { guildId: ACME_GUILD, tenantId: ACME },
        { guildId: ACME_OTHER_GUILD, tenantId: ACME },
        { guildId: GLOBEX_GUILD, tenantId: GLOBEX },
      ].map((payload) => ({ kind: 'guild.registered', payload })),
    )
  }

  return {
    clock,
    operatorKeys,
    service,
    database: service.database,
    send,
    execute,
    signIn,
    jwks,
    claimsOf,
    viewerOf,
    as,
    deliver,
    refresh: async (refreshToken: string) => {
      const { data, errors } = await execute(
        anonymousViewer(newId()),
        /* GraphQL */ `mutation ($input: RefreshTokensInput!) {
          refreshTokens(input: $input) { accessToken refreshToken sessionId userId reach scopes }
        }`,
        { input: { refreshToken } },
      )
      const tokens = (data.refreshTokens ?? null) as Tokens | null
      return { tokens, code: errors?.[0]?.extensions.code }
    },
    [Symbol.asyncDispose]: async () => {
      await service.stop(1_000)
      await front.close()
    },
  }
}

/** What the platform itself may see, for looking at results. */
export const platform: Viewer = serviceViewer({
  serviceName: 'gateway',
  reach: { kind: 'platform' },
  scopes: [],
  requestId: 'test',
})

export const OPERATOR = { email: 'operator@dbsbm.example', password: 'demo-operator' }
export const ACME_ADMIN = { email: 'admin@acme.example', password: 'demo-admin' }
export const ACME_MEMBER = { email: 'member@acme.example', password: 'demo-member' }
export const ACME_ANALYST = { email: 'analyst@acme.example', password: 'demo-analyst' }
export const GLOBEX_ADMIN = { email: 'admin@globex.example', password: 'demo-globex' }

export const uniqueName = () => randomBytes(6).toString('hex')

import type { IncomingMessage, ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import type { ServiceKeys } from '#kernel/auth/service-keys.ts'
import { createServiceTokenVerifier, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { isDomainError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { type LocalServer, startHttpServer } from './http-server.ts'

export const ISSUER = 'dbsbm'
export const AUDIENCE = 'dbsbm-gateway'

/** What an access token says, unless a test says otherwise. */
export type TokenOverrides = {
  claims?: JWTPayload
  header?: { alg?: string; typ?: string; kid?: string }
  /** Seconds from now; negative: expired. */
  livesSeconds?: number
  /** Signs with a key that nobody published. */
  isForged?: boolean
}

/** The internal routes of identity over real HTTP, with keys and tokens made for one test. */
export type IdentityServer = AsyncDisposable & {
  server: LocalServer
  mint: (overrides?: TokenOverrides) => Promise<string>
  keys: Map<string, { viewer: Viewer; expiresAt: string | null }>
  revoke: (revocation: { kind: string; id: string; at?: string }) => void
  /** What was asked about keys. */
  introspected: { key: string; ip: string | null }[]
  /** How often each path was asked for. */
  asked: Map<string, number>
  /** Cuts the feed of revocations; clients have to come back. */
  cutFeed: () => void
  /** Publishes another signing key beside the first and signs with it from now on. */
  rotate: () => Promise<void>
}

type Revocation = { kind: string; id: string; at: string }
type SigningKey = { kid: string; privateKey: CryptoKey; jwk: object }

async function newSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const kid = newId()
  return {
    kid,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' },
  }
}

/** Starts on a free port; every route but the public keys wants a service token of the gateway. */
export async function startIdentityServer(serviceKeys: ServiceKeys): Promise<IdentityServer> {
  const signing = [await newSigningKey()]
  const stranger = await newSigningKey()
  const keys: IdentityServer['keys'] = new Map()
  const asked = new Map<string, number>()
  const introspected: IdentityServer['introspected'] = []
  const feeds = new Set<ServerResponse>()
  const revocations: Revocation[] = []
  const verifier = createServiceTokenVerifier({
    keys: serviceKeys,
    clock: systemClock,
    callee: 'identity',
    replayWindow: createReplayWindow({ clock: systemClock }),
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/'
    asked.set(path, (asked.get(path) ?? 0) + 1)
    if (path === '/.well-known/jwks.json') {
      return sendJson(response, 200, { keys: signing.map(({ jwk }) => jwk) })
    }
    const body = await readBody(request)
    verifier.verify(String(request.headers[SERVICE_TOKEN_HEADER] ?? ''), body)
    if (path === '/introspect-key') {
      introspected.push(JSON.parse(body))
      const known = keys.get(JSON.parse(body).key)
      const at = systemClock.now().toISOString()
      return known
        ? sendJson(response, 200, { ...known, at })
        : sendJson(response, 401, { code: 'KEY_REFUSED' })
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: snapshot\ndata: ${JSON.stringify({ revocations })}\n\n`)
    feeds.add(response)
    response.once('close', () => feeds.delete(response))
  }
  const server = await startHttpServer((request, response) => {
    answer(request, response).catch((failure: unknown) => {
      sendJson(response, 401, isDomainError(failure) ? failure.extensions : String(failure))
    })
  })
  return {
    server,
    keys,
    introspected,
    asked,
    mint: (overrides = {}) => {
      const newest = signing.at(-1)
      if (!newest) throw new Error('no signing key')
      return mint(overrides.isForged ? { ...stranger, kid: newest.kid } : newest, overrides)
    },
    revoke({ kind, id, at = new Date().toISOString() }) {
      revocations.push({ kind, id, at })
      for (const feed of feeds) {
        feed.write(`event: revoked\ndata: ${JSON.stringify({ kind, id, at })}\n\n`)
      }
    },
    cutFeed() {
      for (const feed of feeds) feed.destroy()
    },
    async rotate() {
      signing.push(await newSigningKey())
    },
    [Symbol.asyncDispose]: server.close,
  }
}

function mint(key: SigningKey, overrides: TokenOverrides): Promise<string> {
  const now = Date.now() / 1000
  const { livesSeconds = 300 } = overrides
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: '42',
    sid: newId(),
    jti: newId(),
    client_id: 'test',
    iat: Math.min(now, now + livesSeconds),
    exp: now + livesSeconds,
    scope: 'users:read',
    reach: 'none',
    ...overrides.claims,
  }
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...overrides.header }
  return new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

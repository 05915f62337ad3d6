import { hash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { hmacSha256 } from '../crypto/keyed-hash.ts'
import { newId, type Randomness } from '../ids.ts'
import { authError } from './errors.ts'
import type { ReplayWindow } from './replay-window.ts'
import { sealTime } from './sealed-time.ts'
import type { ServiceKeys } from './service-keys.ts'
import { isServiceName } from './service-names.ts'
import { isViewer, type Viewer } from './viewer.ts'

/** HTTP header that carries a service token. */
export const SERVICE_TOKEN_HEADER = 'x-dbsbm-service-token'

/** Longest life of a service token. */
export const SERVICE_TOKEN_LIFETIME_SECONDS = 30

/** How far two machines' clocks may differ unnoticed; beyond, callers learn (kernel/auth/callee-clocks.ts). */
export const CLOCK_SKEW_SECONDS = 5

/** Longest text of a service token. */
export const MAX_SERVICE_TOKEN_CHARACTERS = 8192

const FORMAT = 'dst1'
const TOKEN = /^dst1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/
const TOKEN_ID = /^[\w-]{22}$/
const CLAIM_KEYS = 'aud,bh,exp,iat,iss,jti,viewer'

/** What a request body may be: the bytes as they travel, or their UTF-8 text. */
export type RequestBody = Uint8Array | string

export type ServiceTokenDeps = { keys: ServiceKeys; clock: Clock; randomness: Randomness }

export type ServiceTokenInput = {
  caller: string
  callee: string
  body: RequestBody
  viewer: Viewer
}

export type VerifiedService = { caller: string; viewer: Viewer }

export type ServiceTokenVerifier = {
  /**
   * Throws SERVICE_TOKEN_MISSING, _INVALID, _EXPIRED, _EARLY, _FOREIGN, _BODY_MISMATCH, _REPLAYED or
   * _WINDOW_FULL. What is refused for its time is told this service's, sealed for its sender.
   */
  verify: (token: string | null, body: RequestBody) => VerifiedService
}

type Claims = {
  iss: string
  aud: string
  iat: number
  exp: number
  jti: string
  /** SHA-256 of the body, base64url. */
  bh: string
  viewer: Viewer
}

const bodyHash = (body: RequestBody) => hash('sha256', body, 'base64url')

/**
 * A token for exactly one caller, callee and body, valid for 30 s:
 * `dst1.<base64url(JSON claims)>.<base64url(HMAC-SHA256 of all before)>`.
 * Throws SERVICE_TOKEN_TOO_LARGE.
 */
export function mintServiceToken(deps: ServiceTokenDeps, input: ServiceTokenInput): string {
  const iat = Math.floor(deps.clock.now().getTime() / 1000)
  const claims: Claims = {
    iss: input.caller,
    aud: input.callee,
    iat,
    exp: iat + SERVICE_TOKEN_LIFETIME_SECONDS,
    jti: newId(deps.randomness),
    bh: bodyHash(input.body),
    viewer: input.viewer,
  }
  const signed = `${FORMAT}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  const token = `${signed}.${hmacSha256(deps.keys.between(input.caller, input.callee), signed)}`
  if (token.length > MAX_SERVICE_TOKEN_CHARACTERS) throw authError('SERVICE_TOKEN_TOO_LARGE')
  return token
}

const invalid = (cause?: unknown) =>
  authError('SERVICE_TOKEN_INVALID', {}, cause === undefined ? undefined : { cause })

type Unchecked = Readonly<Record<string, unknown>>
type OpenedToken = { signed: string; mac: string; claims: Unchecked }

function parseJson(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'))
  } catch (cause) {
    throw invalid(cause)
  }
}

/** Splits a token; its claims are not to be believed yet. */
function open(token: string): OpenedToken {
  if (token.length > MAX_SERVICE_TOKEN_CHARACTERS) throw invalid()
  const [, payload = '', mac = ''] = TOKEN.exec(token) ?? []
  if (!mac) throw invalid()
  const claims = parseJson(payload)
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw invalid()
  return { signed: `${FORMAT}.${payload}`, mac, claims: claims as Unchecked }
}

// Texts are compared, not bytes: base64url has several texts for the same bytes.
function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}

const isInstant = (value: unknown): value is number => Number.isSafeInteger(value)

function hasClaimsShape(value: Unchecked): value is Claims {
  return (
    Object.keys(value).sort().join() === CLAIM_KEYS &&
    isServiceName(value.iss) &&
    isServiceName(value.aud) &&
    isInstant(value.iat) &&
    isInstant(value.exp) &&
    typeof value.jti === 'string' &&
    TOKEN_ID.test(value.jti) &&
    typeof value.bh === 'string' &&
    isViewer(value.viewer)
  )
}

/** @returns the code to refuse a token with that is not of this time */
function wrongTime({ iat, exp }: Claims, nowMs: number) {
  const skewMs = CLOCK_SKEW_SECONDS * 1000
  const lifetime = exp - iat
  if (lifetime <= 0 || lifetime > SERVICE_TOKEN_LIFETIME_SECONDS) throw invalid()
  if (iat * 1000 > nowMs + skewMs) return 'SERVICE_TOKEN_EARLY'
  return exp * 1000 + skewMs <= nowMs ? 'SERVICE_TOKEN_EXPIRED' : null
}

export type ServiceTokenVerifierDeps = {
  keys: ServiceKeys
  clock: Clock
  callee: string
  replayWindow: ReplayWindow
}

/** The check that a service makes before it reads anything else of a request. */
export function createServiceTokenVerifier(deps: ServiceTokenVerifierDeps): ServiceTokenVerifier {
  const { keys, clock, callee, replayWindow } = deps

  const authentic = (token: string): Claims => {
    const { signed, mac, claims } = open(token)
    if (!isServiceName(claims.iss) || !isServiceName(claims.aud)) throw invalid()
    // Said before the signature is checked, because the key for another callee is not held here.
    if (claims.aud !== callee) throw authError('SERVICE_TOKEN_FOREIGN')
    if (!isSame(mac, hmacSha256(keys.between(claims.iss, callee), signed))) throw invalid()
    if (!hasClaimsShape(claims)) throw invalid()
    return claims
  }

  const checkTime = (claims: Claims, token: string) => {
    const now = clock.now().getTime()
    const code = wrongTime(claims, now)
    if (code) throw authError(code, sealTime(keys.between(claims.iss, callee), token, now))
  }

  return {
    verify: (token, body) => {
      if (!token) throw authError('SERVICE_TOKEN_MISSING')
      const claims = authentic(token)
      checkTime(claims, token)
      if (claims.bh !== bodyHash(body)) throw authError('SERVICE_TOKEN_BODY_MISMATCH')
      const forgetAtMs = (claims.exp + CLOCK_SKEW_SECONDS) * 1000
      if (!replayWindow.admit(`${claims.iss}:${claims.jti}`, forgetAtMs)) {
        throw authError('SERVICE_TOKEN_REPLAYED')
      }
      return { caller: claims.iss, viewer: claims.viewer }
    },
  }
}

import { hash } from 'node:crypto'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { isViewer, type Reach } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import { gatewayError } from '../../errors.ts'
import type { WhoSettings } from '../../settings.ts'
import type { Identity, IdentityStrategy } from './identity.ts'
import type { Revocations } from './revocations.ts'

export type JwtDeps = {
  keys: JWTVerifyGetKey
  revocations: Revocations
  clock: Clock
  settings: WhoSettings
  issuer: string
  audience: string
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/
const REQUIRED = ['sub', 'sid', 'jti', 'iat', 'exp', 'reach']

/** Access tokens of identity: JWT (RFC 9068 profile, `typ: at+jwt`), signed with EdDSA and nothing else. */
export function createJwtStrategy(deps: JwtDeps): IdentityStrategy {
  const remembered = new LRUCache<string, Identity>({ max: deps.settings.rememberedTokens })
  return {
    name: 'jwt',
    recognises: (credential) => JWT.test(credential),
    async identify({ credential }) {
      const key = hash('sha256', credential, 'base64url')
      const identity = remembered.get(key) ?? (await verify(deps, credential))
      if (deps.revocations.isRevoked(identity)) throw gatewayError('TOKEN_REVOKED')
      if (hasExpired(identity, deps.clock.now())) throw gatewayError('TOKEN_EXPIRED')
      remembered.set(key, identity)
      return identity
    },
  }
}

function hasExpired({ expiresAt }: Identity, now: Date): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now.getTime()
}

async function verify(deps: JwtDeps, credential: string): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(credential, deps.keys, {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer: deps.issuer,
      audience: deps.audience,
      requiredClaims: REQUIRED,
      currentDate: deps.clock.now(),
    })
    return identityOf(payload)
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw gatewayError('TOKEN_EXPIRED', {}, { cause })
    if (cause instanceof errors.JOSEError) throw gatewayError('TOKEN_INVALID', {}, { cause })
    throw cause
  }
}

/** A signed token with claims that identity never writes is as invalid as an unsigned one. */
function identityOf(claims: JWTPayload): Identity {
  const viewer = {
    kind: 'user' as const,
    userId: claims.sub ?? null,
    sessionId: textOf(claims.sid),
    keyId: null,
    reach: reachOf(claims),
    scopes: scopesOf(claims.scope),
    serviceName: null,
  }
  const { exp, iat, jti } = claims
  const isWhole = exp !== undefined && iat !== undefined && jti !== undefined
  if (!isWhole || !isViewer({ ...viewer, requestId: 'none', client: null }))
    throw gatewayError('TOKEN_INVALID')
  return { viewer, expiresAt: instant(exp), issuedAt: instant(iat), tokenId: jti }
}

/** NumericDate (RFC 7519, section 2): seconds, possibly with a fraction. */
function instant(seconds: number): Date {
  return new Date(Math.round(seconds * 1000))
}

function reachOf({ reach, tenant, guild }: JWTPayload): Reach {
  if (reach === 'none' || reach === 'platform') return { kind: reach }
  if (reach === 'tenant') return { kind: reach, tenantId: textOf(tenant) }
  if (reach === 'guild') return { kind: reach, tenantId: textOf(tenant), guildId: textOf(guild) }
  throw gatewayError('TOKEN_INVALID')
}

function scopesOf(scope: unknown): readonly string[] {
  const text = scope === undefined ? '' : textOf(scope, true)
  return text === '' ? [] : Object.freeze(text.split(' ').sort())
}

function textOf(claim: unknown, mayBeEmpty = false): string {
  if (typeof claim !== 'string' || (claim === '' && !mayBeEmpty))
    throw gatewayError('TOKEN_INVALID')
  return claim
}

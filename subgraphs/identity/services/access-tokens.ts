import { sign } from 'node:crypto'
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER } from '#kernel/auth/access-token.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import type { Rights } from './rights.ts'
import type { SigningKeys } from './signing-keys.ts'

const LIFETIME_SECONDS = 300
const CLIENT = 'dbsbm'

export type AccessToken = { token: string; expiresAt: Date }

export type AccessTokens = ReturnType<typeof createAccessTokens>

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Milliseconds are kept: a revocation ends what was issued before it, not what came in its second. */
const toNumericDate = (instant: Date) => instant.getTime() / 1000

/** Five minutes, and never longer than the first of the roles behind it. */
function endOf(now: Date, rights: Rights): Date {
  const latest = now.getTime() + LIFETIME_SECONDS * 1000
  return new Date(Math.min(latest, rights.endsAt?.getTime() ?? latest))
}

function placeClaims({ reach }: Rights): object {
  if (reach.kind === 'tenant') return { reach: reach.kind, tenant: reach.tenantId }
  if (reach.kind === 'guild') {
    return { reach: reach.kind, tenant: reach.tenantId, guild: reach.guildId }
  }
  return { reach: reach.kind }
}

/** Access tokens: JWT in the profile of RFC 9068 (`typ: at+jwt`), signed with EdDSA (RFC 8037). */
export function createAccessTokens({
  signingKeys,
  randomness,
}: {
  signingKeys: SigningKeys
  randomness: Randomness
}) {
  return {
    /** `at`: when the rights were read; what ends them later ends the token. */
    mint: async (
      session: { id: string; userId: string },
      { rights, at }: { rights: Rights; at: Date },
    ): Promise<AccessToken> => {
      const { kid, privateKey } = await signingKeys.signer()
      const expiresAt = endOf(at, rights)
      const claims = {
        iss: ACCESS_TOKEN_ISSUER,
        aud: ACCESS_TOKEN_AUDIENCE,
        sub: session.userId,
        sid: session.id,
        client_id: CLIENT,
        jti: newId(randomness),
        iat: toNumericDate(at),
        exp: toNumericDate(expiresAt),
        scope: rights.scopes.join(' '),
        ...placeClaims(rights),
      }
      const signed = `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${encode(claims)}`
      const signature = sign(null, Buffer.from(signed), privateKey).toString('base64url')
      return { token: `${signed}.${signature}`, expiresAt }
    },
  }
}

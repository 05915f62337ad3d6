import type { RefreshFamily } from '../entities/refresh-family.ts'
import type { Session } from '../entities/session.ts'
import type { Core } from './core.ts'
import type { Rights } from './rights.ts'

/** An open session with its tokens. */
export type SignedIn = {
  sessionId: string
  userId: string
  rights: Rights
  accessToken: string
  accessTokenExpiresAt: Date
  refreshToken: string
  refreshTokenExpiresAt: Date
}

/** `at`: when the rights were read, under the lock of the person's row. */
export type OpenedSession = { session: Session; family: RefreshFamily; rights: Rights; at: Date }

/** The tokens of a session as it stands, after its transaction. */
export async function toSignedIn(
  core: Pick<Core, 'accessTokens' | 'refreshTokens'>,
  { session, family, rights, at }: OpenedSession,
): Promise<SignedIn> {
  const access = await core.accessTokens.mint(session, { rights, at })
  return {
    sessionId: session.id,
    userId: session.userId,
    rights,
    accessToken: access.token,
    accessTokenExpiresAt: access.expiresAt,
    refreshToken: core.refreshTokens.write(family, family.seq),
    refreshTokenExpiresAt: family.expiresAt,
  }
}

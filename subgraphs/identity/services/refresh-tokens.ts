import { timingSafeEqual } from 'node:crypto'
import { deriveSubkey, hmacSha256, toHmacKey } from '#kernel/crypto/keyed-hash.ts'
import type { OperatorKeys } from '#kernel/crypto/operator-key.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { RefreshFamily } from '../entities/refresh-family.ts'

/** A session ends when nobody refreshes it for two weeks, and after ninety days in any case. */
export const IDLE_MILLISECONDS = 14 * 86_400_000
export const LONGEST_MILLISECONDS = 90 * 86_400_000

const TOKEN = /^dsr_([1-9]\d{0,18})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** What a refresh token says before its MAC is checked. */
export type PresentedToken = { familyId: string; seq: number; mac: string }

export type RefreshTokens = ReturnType<typeof createRefreshTokens>

/** Texts of refresh tokens: `dsr_<family>.<seq>.<mac>`. Nothing stored is enough to make one. */
export function createRefreshTokens({ operatorKeys }: { operatorKeys: OperatorKeys }) {
  const key = toHmacKey(deriveSubkey(operatorKeys.root, 'identity refresh token v1'))
  const macOf = ({ id, salt }: Pick<RefreshFamily, 'id' | 'salt'>, seq: number) =>
    hmacSha256(key, `${id}.${seq}.${salt}`)
  return {
    write: (family: Pick<RefreshFamily, 'id' | 'salt'>, seq: number): string =>
      `dsr_${family.id}.${seq}.${macOf(family, seq)}`,
    /** Null for what is no such token in form. */
    parse: (text: string): PresentedToken | null => {
      const [, familyId, seq, mac] = TOKEN.exec(text) ?? []
      return isDecimalId(familyId) && mac ? { familyId, seq: Number(seq), mac } : null
    },
    isGenuine: (family: Pick<RefreshFamily, 'id' | 'salt'>, token: PresentedToken): boolean =>
      timingSafeEqual(Buffer.from(macOf(family, token.seq)), Buffer.from(token.mac)),
  }
}

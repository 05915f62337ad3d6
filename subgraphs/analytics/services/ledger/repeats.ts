import { createHash } from 'node:crypto'
import { canonicalText } from '#kernel/audit/canonical.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError, kernelError } from '#kernel/errors.ts'
import { Transfer } from '../../entities/transfer.ts'
import type { AnalyticsRequest } from '../request.ts'
import { checkIdempotencyKey } from './inputs.ts'
import type { Keyed } from './post.ts'

/** Far beyond what an input may hold. */
const MAX_REQUEST_BYTES = 65_536

const toText = (value: unknown) => (typeof value === 'bigint' ? String(value) : value)

/** SHA-256, hexadecimal, of what is asked: equal for equal questions alone. */
export function hashRequest(operation: string, asked: Readonly<Record<string, unknown>>): string {
  const plain = Object.fromEntries(Object.entries(asked).map(([name, one]) => [name, toText(one)]))
  const text = canonicalText({ operation, asked: plain }, MAX_REQUEST_BYTES)
  if (text === null) throw new Error('a request that was checked has a canonical text')
  return createHash('sha256').update(text).digest('hex')
}

/** Keys of one person, whatever they sign in with, do not meet those of another. */
function keyOwnerOf({ userId, keyId, serviceName }: Viewer): string {
  if (userId !== null) return `user:${userId}`
  return keyId === null ? `service:${serviceName}` : `key:${keyId}`
}

export type Asked = Readonly<Record<string, unknown>> & { idempotencyKey: string }

/** What the viewer's key stands for. @throws IDEMPOTENCY_KEY_INVALID, CARD_NUMBER_REFUSED */
export function toKeyed(viewer: Viewer, operation: string, asked: Asked): Keyed {
  const { idempotencyKey, ...rest } = asked
  return {
    keyOwner: keyOwnerOf(viewer),
    idempotencyKey: checkIdempotencyKey(idempotencyKey),
    requestHash: hashRequest(operation, rest),
  }
}

/** The booking that stands under the viewer's own key. @throws IDEMPOTENCY_KEY_REUSED */
async function acrossTenantsFindOwn(
  { acrossTenants }: AnalyticsRequest,
  { keyOwner, idempotencyKey, requestHash }: Keyed,
): Promise<Transfer | null> {
  const standing = await acrossTenants().findOne(Transfer, { keyOwner, idempotencyKey })
  if (standing && standing.requestHash !== requestHash) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return standing
}

/**
 * Books once under a key: a repetition answers what was booked, also one that came at the same time.
 * @throws IDEMPOTENCY_KEY_REUSED, and what `book` throws
 */
export async function bookOnce(
  request: AnalyticsRequest,
  keyed: Keyed,
  book: () => Promise<Transfer>,
): Promise<Transfer> {
  const standing = await acrossTenantsFindOwn(request, keyed)
  if (standing) return standing
  try {
    return await book()
  } catch (failure) {
    // Refused perhaps because its twin was faster: then the twin's booking is the answer.
    const twin = isDomainError(failure) ? await acrossTenantsFindOwn(request, keyed) : null
    if (twin) return twin
    throw failure
  }
}

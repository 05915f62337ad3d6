import { gatewayError } from '../../errors.ts'

const BEARER = /^Bearer +([\x21-\x7e]{1,8192})$/i

/**
 * The credential of an `Authorization` header (RFC 6750, section 2.1), or null where none is sent.
 * @throws TOKEN_INVALID for any other scheme, because ignoring it would answer as if to nobody.
 */
export function bearerCredential(authorization: string | null): string | null {
  if (authorization === null || authorization.trim() === '') return null
  const [, credential] = BEARER.exec(authorization.trim()) ?? []
  if (!credential) throw gatewayError('TOKEN_INVALID')
  return credential
}

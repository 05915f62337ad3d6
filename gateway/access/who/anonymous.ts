import { anonymousViewer } from '#kernel/auth/viewer.ts'
import type { Identity } from './identity.ts'

const { requestId: _requestId, client: _client, ...viewer } = anonymousViewer('anonymous')

/** Whoever brings no credential. */
export const anonymousIdentity: Identity = {
  viewer,
  expiresAt: null,
  issuedAt: null,
  tokenId: null,
}

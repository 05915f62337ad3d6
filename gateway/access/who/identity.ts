import type { Viewer } from '#kernel/auth/viewer.ts'

/** A viewer before a request gives it an id and a client: the same token may come from anywhere. */
export type RequestlessViewer = Omit<Viewer, 'requestId' | 'client'>

/** Who asks, and for how long that may be believed. */
export type Identity = {
  viewer: RequestlessViewer
  /** Null where nothing expires: nobody, or a key without an end. */
  expiresAt: Date | null
  issuedAt: Date | null
  tokenId: string | null
}

/** What a credential was presented with. */
export type Presentation = { credential: string; ip: string | null }

/** One way to prove who asks; the first that recognises a credential decides alone. */
export type IdentityStrategy = {
  name: string
  recognises: (credential: string) => boolean
  /** @throws TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or API_KEY_INVALID. */
  identify: (presentation: Presentation) => Promise<Identity>
}

import { gatewayError } from '../errors.ts'
import { isRecord } from '../transport/answer.ts'
import { isDocumentId, SHA256_PREFIX } from './document-id.ts'
import { type DocumentManifest, sha256Of } from './manifest.ts'
import type { RegisteredDocuments } from './registered-documents.ts'

/** The part of a request that says which document it means, not yet believed. */
export type DocumentParams = { query?: unknown; documentId?: unknown; extensions?: unknown }

/**
 * Turns the parameters of a request into those with the document itself, whichever way they came;
 * what names no document at all is given back as it is.
 * @throws CANNOT_SEND_PQ_ID_AND_BODY, DOCUMENT_ID_INVALID, PERSISTED_QUERY_HASH_MISMATCH,
 * PERSISTED_QUERY_ID_REQUIRED, PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_IN_LIST,
 * PERSISTED_QUERY_NOT_SUPPORTED, QUERY_NOT_IN_SAFELIST
 */
export type ResolveDocument = <Params extends DocumentParams>(params: Params) => Params

export type ResolveDocumentDeps = {
  manifest: () => DocumentManifest
  /** Null where clients may register nothing. */
  registered: RegisteredDocuments | null
  safelist: Safelist
}

/** Which documents are taken: all, those of the manifest, or those of the manifest by id alone. */
export type Safelist = 'off' | 'ids-or-listed' | 'ids-only'

const HASH = /^[0-9a-f]{64}$/

/** An empty text is what clients of WebSockets send beside an id: their protocol wants a text. */
const sentText = ({ query }: DocumentParams): string | null =>
  typeof query === 'string' && query !== '' ? query : null

/** Whether a request names its document in place of sending it. */
export function isByName(params: DocumentParams): boolean {
  return sentText(params) === null && (params.documentId != null || persistedIn(params) != null)
}

function persistedIn({ extensions }: DocumentParams): unknown {
  return isRecord(extensions) ? extensions.persistedQuery : undefined
}

/** The hash that an APQ request gives. Apollo's manifests put ids of any kind in its place. */
function hashIn(persisted: unknown): string {
  const isKnown = isRecord(persisted) && persisted.version === 1
  const hash = isKnown ? persisted.sha256Hash : undefined
  if (!isDocumentId(hash)) throw gatewayError('PERSISTED_QUERY_NOT_SUPPORTED')
  return hash
}

function byId({ manifest }: ResolveDocumentDeps, id: unknown): string {
  if (!isDocumentId(id)) throw gatewayError('DOCUMENT_ID_INVALID')
  const source = manifest().sourceOf(id)
  if (source === undefined) throw gatewayError('PERSISTED_QUERY_NOT_IN_LIST')
  return source
}

function byHash({ manifest, registered, safelist }: ResolveDocumentDeps, hash: string): string {
  const { sourceOf } = manifest()
  const listed = sourceOf(hash) ?? sourceOf(SHA256_PREFIX + hash)
  if (listed !== undefined) return listed
  if (safelist !== 'off') throw gatewayError('PERSISTED_QUERY_NOT_IN_LIST')
  if (!registered) throw gatewayError('PERSISTED_QUERY_NOT_SUPPORTED')
  const source = registered.sourceOf(hash)
  if (source === undefined) throw gatewayError('PERSISTED_QUERY_NOT_FOUND')
  return source
}

function checkListed({ manifest, safelist }: ResolveDocumentDeps, source: string): void {
  if (safelist === 'ids-only') throw gatewayError('PERSISTED_QUERY_ID_REQUIRED')
  if (!manifest().holds(source)) throw gatewayError('QUERY_NOT_IN_SAFELIST')
}

function checkHash({ registered }: ResolveDocumentDeps, source: string, persisted: unknown): void {
  const hash = hashIn(persisted)
  if (!HASH.test(hash) || sha256Of(source) !== hash)
    throw gatewayError('PERSISTED_QUERY_HASH_MISMATCH')
  registered?.register(hash, source)
}

/** The one place where requests of every transport get their documents. */
export function createResolveDocument(deps: ResolveDocumentDeps): ResolveDocument {
  return (params) => {
    const { documentId = null, query = null } = params
    // What is no text is refused with whatever else is no request.
    if (query !== null && typeof query !== 'string') return params
    const text = sentText(params)
    const persisted = persistedIn(params) ?? null
    if (documentId !== null) {
      if (text !== null || persisted !== null) throw gatewayError('CANNOT_SEND_PQ_ID_AND_BODY')
      const { documentId: _id, ...rest } = params
      return { ...rest, query: byId(deps, documentId) } as typeof params
    }
    if (text === null) {
      return persisted === null ? params : { ...params, query: byHash(deps, hashIn(persisted)) }
    }
    if (deps.safelist !== 'off') checkListed(deps, text)
    if (persisted !== null) checkHash(deps, text, persisted)
    return params
  }
}

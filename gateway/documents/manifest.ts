import { createHash } from 'node:crypto'
import { GraphQLError, parse, print } from 'graphql'
import { gatewayError } from '../errors.ts'
import { isRecord } from '../transport/answer.ts'
import { isDocumentId, SHA256_PREFIX } from './document-id.ts'

/** One document that clients may ask by its id. */
export type PersistedDocument = { id: string; source: string }

/** The documents of one manifest file. It never changes once it is read. */
export type DocumentManifest = {
  /** SHA-256 of the file as it was read; empty where there is none. */
  readonly version: string
  /** Each document once, in the order of the file. */
  readonly documents: readonly PersistedDocument[]
  /** By the id that the file gives it, or by `sha256:` and the hash of its source. */
  sourceOf: (id: string) => string | undefined
  /** Whether this document stands in the file, however it is spaced and commented. */
  holds: (source: string) => boolean
}

/** What one manifest may be. */
export type ManifestBounds = { documents: number; tokens: number }

const APOLLO_FORMAT = 'apollo-persisted-query-manifest'

/** Lower hex of the SHA-256 of a text in UTF-8. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')

const invalid = (reason: string, details: object = {}, cause?: unknown) =>
  gatewayError('DOCUMENTS_INVALID', { reason, ...details }, { cause })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid('no JSON', {}, cause)
  }
}

/** Apollo's list, or an object of documents by their ids. */
function entriesOf(manifest: unknown): [id: unknown, source: unknown][] {
  if (!isRecord(manifest)) throw invalid('no object')
  if (manifest.format === undefined) return Object.entries(manifest)
  const { format, version, operations } = manifest
  if (format !== APOLLO_FORMAT || version !== 1) throw invalid('unknown format')
  if (!Array.isArray(operations)) throw invalid('no list of operations')
  return operations.map((operation: unknown) => {
    if (!isRecord(operation)) throw invalid('an operation that is no object')
    return [operation.id, operation.body]
  })
}

/** A document without what means nothing; null for what cannot be parsed. */
function normalised(source: string, { tokens }: ManifestBounds): string | null {
  try {
    return print(parse(source, { maxTokens: tokens, noLocation: true }))
  } catch (failure) {
    // A document deeper than the stack is none either.
    if (failure instanceof GraphQLError || failure instanceof RangeError) return null
    throw failure
  }
}

function readEntry([id, source]: [unknown, unknown], bounds: ManifestBounds): PersistedDocument {
  if (!isDocumentId(id)) throw invalid('an id that is none', { id: String(id).slice(0, 100) })
  if (typeof source !== 'string') throw invalid('a document that is no text', { id })
  if (id.startsWith(SHA256_PREFIX) && id !== SHA256_PREFIX + sha256Of(source))
    throw invalid('a hash that is not the one of its document', { id })
  if (normalised(source, bounds) === null) throw invalid('a document that cannot be parsed', { id })
  return { id, source }
}

function indexed(entries: readonly PersistedDocument[]): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const { id, source } of entries) {
    if ((sources.get(id) ?? source) !== source) throw invalid('two documents of one id', { id })
    sources.set(id, source)
  }
  // Whatever an operator calls a document, it is known by its hash as well.
  for (const { source } of entries) sources.set(SHA256_PREFIX + sha256Of(source), source)
  return sources
}

/** Reads a manifest completely. @throws DOCUMENTS_INVALID */
export function readManifest(text: string, bounds: ManifestBounds): DocumentManifest {
  const given = entriesOf(parseJson(text))
  if (given.length > bounds.documents) throw invalid('too many documents', { found: given.length })
  const entries = given.map((entry) => readEntry(entry, bounds))
  const sources = indexed(entries)
  const bySource = new Map<string, PersistedDocument>()
  for (const entry of entries) if (!bySource.has(entry.source)) bySource.set(entry.source, entry)
  const texts = new Set(entries.map(({ source }) => normalised(source, bounds)))
  return {
    version: sha256Of(text),
    documents: [...bySource.values()],
    sourceOf: (id) => sources.get(id),
    holds(source) {
      const plain = bySource.has(source) ? null : normalised(source, bounds)
      return plain === null ? bySource.has(source) : texts.has(plain)
    },
  }
}

/** The manifest of these documents, each by the hash of its text. */
export const manifestTextOf = (sources: readonly string[]): string =>
  JSON.stringify(
    Object.fromEntries(sources.map((source) => [SHA256_PREFIX + sha256Of(source), source])),
  )

/** The documents of both; where they give one id, the first one's is meant. */
export function joinManifests(first: DocumentManifest, second: DocumentManifest): DocumentManifest {
  const known = new Set(first.documents.map(({ source }) => source))
  const added = second.documents.filter(({ source }) => !known.has(source))
  return {
    version: first.version + second.version,
    documents: [...first.documents, ...added],
    sourceOf: (id) => first.sourceOf(id) ?? second.sourceOf(id),
    holds: (source) => first.holds(source) || second.holds(source),
  }
}

/** What is served where nobody names a manifest. */
export const emptyManifest: DocumentManifest = {
  version: '',
  documents: [],
  sourceOf: () => undefined,
  holds: () => false,
}

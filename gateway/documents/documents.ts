import { open } from 'node:fs/promises'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { SESSION_DOCUMENTS } from '../console/session-documents.ts'
import type { OperationLimits } from '../demand/operation-limits.ts'
import { watchFile } from '../engine/watch-file.ts'
import { gatewayError } from '../errors.ts'
import type { DocumentSettings } from '../settings.ts'
import {
  type DocumentManifest,
  emptyManifest,
  joinManifests,
  manifestTextOf,
  readManifest,
} from './manifest.ts'
import { createRegisteredDocuments } from './registered-documents.ts'
import { createResolveDocument, type ResolveDocument } from './resolve-document.ts'

/** The documents that clients may name, exchanged while they are served. */
export type Documents = {
  /** The manifest for new requests. */
  manifest: () => DocumentManifest
  resolve: ResolveDocument
  close: () => Promise<void>
}

export type DocumentsOptions = {
  /** The manifest; null: none. */
  file: string | null
  /** What this gateway's own console asks: beside the manifest, whoever wrote that; read once. */
  ownFile?: string | null
  settings: DocumentSettings
  limits: Pick<OperationLimits, 'tokens'>
  log: Logger
}

/** Reads no more than one byte past the bound, whatever stands there. */
async function readBounded(file: string, mostBytes: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    if (size > mostBytes) throw gatewayError('DOCUMENTS_INVALID', { reason: 'too long a file' })
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function readFrom(file: string, { settings, limits }: DocumentsOptions) {
  try {
    const text = await readBounded(file, settings.manifestBytes)
    return readManifest(text, { documents: settings.manifestDocuments, tokens: limits.tokens })
  } catch (cause) {
    if (isDomainError(cause)) throw cause
    throw gatewayError('DOCUMENTS_INVALID', { reason: 'file cannot be read', file }, { cause })
  }
}

/** The manifest in a file, read anew when it changes; a wrong one is told and the old one stays. */
async function openManifest(file: string, options: DocumentsOptions) {
  let current = await readFrom(file, options)
  const exchange = async () => {
    try {
      const found = await readFrom(file, options)
      if (found.version === current.version) return
      current = found
      options.log.info({ documents: found.documents.length }, 'the documents were exchanged')
    } catch (failure) {
      const code = isDomainError(failure) ? failure.code : undefined
      options.log.error({ err: failure, code, file }, 'the new documents were refused')
    }
  }
  const { pollIntervalMs } = options.settings
  const watcher = watchFile({ path: file, pollIntervalMs, onChange: exchange })
  return { manifest: () => current, close: watcher.close }
}

const NO_MANIFEST = { manifest: () => emptyManifest, close: async () => undefined }

/** The rest of that file is for partners: whether they may ask it is the operator's manifest's to say. */
const OF_CONSOLE = /^(query|mutation|subscription) Console/

/** Joins each manifest with the gateway's own documents, once for each version. */
async function openOwn(options: DocumentsOptions) {
  const { ownFile = null, settings, limits } = options
  if (ownFile === null) return (manifest: DocumentManifest) => manifest
  const bounds = { documents: settings.manifestDocuments, tokens: limits.tokens }
  const session = readManifest(manifestTextOf(Object.values(SESSION_DOCUMENTS)), bounds)
  const { documents } = await readFrom(ownFile, options)
  const asked = documents.map(({ source }) => source).filter((source) => OF_CONSOLE.test(source))
  const ours = joinManifests(readManifest(manifestTextOf(asked), bounds), session)
  let joined = { of: emptyManifest, all: ours }
  return (manifest: DocumentManifest): DocumentManifest => {
    if (joined.of !== manifest) joined = { of: manifest, all: joinManifests(manifest, ours) }
    return joined.all
  }
}

/**
 * Opens the documents of a gateway.
 * @throws DOCUMENTS_INVALID for a first manifest that is wrong, or for a safelist of nothing
 */
export async function createDocuments(options: DocumentsOptions): Promise<Documents> {
  const { file, settings } = options
  const { safelist } = settings
  if (safelist !== 'off' && file === null)
    throw gatewayError('DOCUMENTS_INVALID', { reason: 'a safelist without a manifest' })
  const opened = file === null ? NO_MANIFEST : await openManifest(file, options)
  const own = await openOwn(options)
  const manifest = () => own(opened.manifest())
  const { close } = opened
  // Who may register a document would allow it to themselves.
  const mayRegister = settings.apq && safelist === 'off'
  const registered = mayRegister ? createRegisteredDocuments(settings.apqBytes) : null
  return { manifest, close, resolve: createResolveDocument({ manifest, registered, safelist }) }
}

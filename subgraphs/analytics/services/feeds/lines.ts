import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isDomainError } from '#kernel/errors.ts'
import { analyticsError } from '../../errors.ts'

/** What a feed file may weigh before and after unpacking. */
export type FileLimits = {
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly lines: number
  readonly lineBytes: number
}

export const FILE_LIMITS: FileLimits = {
  packedBytes: 64 * 1024 * 1024,
  unpackedBytes: 256 * 1024 * 1024,
  lines: 500_000,
  lineBytes: 8 * 1024,
}

export type FeedFile = { readonly path: string; readonly limits: FileLimits }

/** One line of a file, numbered from 1; `bytes` is null when it is longer than a line may be. */
export type FileLine = { readonly number: number; readonly bytes: Buffer | null }

const NEWLINE = 0x0a

/**
 * Lines of a plain or gzip file (told apart by its first bytes), read as a stream.
 * @throws FEED_FILE_UNREADABLE, FEED_FILE_TOO_LARGE
 */
export async function* readLines(file: FeedFile): AsyncGenerator<FileLine> {
  await using handle = await openChecked(file)
  const limits = { file: basename(file.path), ...file.limits }
  try {
    yield* splitLines(boundedChunks(await unpacked(handle), limits), limits)
  } catch (failure) {
    throw isDomainError(failure) ? failure : unreadable(file, failure)
  }
}

/** SHA-256 of the file's bytes as they lie on disk, in hex. @throws as readLines */
export async function hashFile(file: FeedFile): Promise<string> {
  await using handle = await openChecked(file)
  const hash = createHash('sha256')
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false }))
    hash.update(chunk)
  return hash.digest('hex')
}

async function openChecked(file: FeedFile): Promise<FileHandle> {
  const handle = await open(file.path, 'r').catch((failure: unknown) => {
    throw unreadable(file, failure)
  })
  const facts = await handle.stat()
  const isTooLarge = facts.size > file.limits.packedBytes
  if (facts.isFile() && !isTooLarge) return handle
  await handle.close()
  throw isTooLarge ? tooLarge(basename(file.path), 'packedBytes') : unreadable(file, undefined)
}

async function unpacked(handle: FileHandle): Promise<Readable> {
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  const raw = handle.createReadStream({ start: 0, autoClose: false })
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return raw
  // pipeline destroys the unpacker with any failure, so whoever reads it sees the failure there
  return pipeline(raw, createGunzip(), () => undefined)
}

type NamedLimits = FileLimits & { readonly file: string }

async function* boundedChunks(stream: Readable, limits: NamedLimits): AsyncGenerator<Buffer> {
  let total = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    total += chunk.length
    if (total > limits.unpackedBytes) throw tooLarge(limits.file, 'unpackedBytes')
    yield chunk
  }
}

async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  limits: NamedLimits,
): AsyncGenerator<FileLine> {
  const pending = createPendingLine(limits.lineBytes)
  let number = 0
  const next = (): FileLine => {
    number += 1
    if (number > limits.lines) throw tooLarge(limits.file, 'lines')
    return { number, bytes: pending.take() }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      pending.add(chunk.subarray(from, to))
      from = to + 1
      yield next()
    }
    pending.add(chunk.subarray(from))
  }
  if (!pending.isEmpty()) yield next()
}

/** Gathers the pieces of a line; beyond the limit it forgets the bytes and only remembers that it was too long. */
function createPendingLine(limit: number) {
  let pieces: Buffer[] = []
  let length = 0
  return {
    add: (piece: Buffer) => {
      length += piece.length
      if (length > limit) pieces = []
      else if (piece.length > 0) pieces.push(piece)
    },
    take: (): Buffer | null => {
      const bytes = length > limit ? null : Buffer.concat(pieces)
      pieces = []
      length = 0
      return bytes
    },
    isEmpty: () => length === 0,
  }
}

function unreadable({ path }: FeedFile, cause: unknown) {
  return analyticsError('FEED_FILE_UNREADABLE', { file: basename(path) }, { cause })
}

function tooLarge(file: string, limit: keyof FileLimits) {
  return analyticsError('FEED_FILE_TOO_LARGE', { file, limit })
}

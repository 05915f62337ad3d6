import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { CompressionSettings } from '../settings.ts'
import { acceptedEncoding, type Encoding } from './accepted-encoding.ts'

/** A body as it is sent. */
export type EncodedBody = { encoding: Encoding; bytes: Buffer }

/** Compresses bodies; null wherever one leaves as it is. */
export type Compressor = {
  /** Of every answer that may be compressed, whether it is or not. */
  headers: Readonly<Record<string, string>>
  /** What a body of this length is compressed with, before anything is done. */
  choose: (acceptEncoding: string | null | undefined, bytes: number) => Encoding | null
  encode: (bytes: Buffer, encoding: Encoding) => Promise<EncodedBody | null>
}

type Encode = (bytes: Buffer) => Promise<Buffer>

const toGzip = promisify(gzip)
const toBrotli = promisify(brotliCompress)

/** The quickest levels: 83 kB take 0.24 ms (gzip) or 0.26 ms (br) of a thread of the pool. */
const ENCODE: Readonly<Record<Encoding, Encode>> = {
  br: (bytes) =>
    toBrotli(bytes, {
      params: {
        [zlib.BROTLI_PARAM_QUALITY]: 1,
        [zlib.BROTLI_PARAM_MODE]: zlib.BROTLI_MODE_TEXT,
        [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gzip: (bytes) => toGzip(bytes, { level: 1 }),
}

/** One for all answers of a gateway: its bound is on what they take of the pool together. */
export function createCompressor(settings: CompressionSettings): Compressor {
  const { isOn, leastBytes, mostAtOnce } = settings
  let running = 0
  return {
    headers: isOn ? { vary: 'accept-encoding' } : {},
    choose(acceptEncoding, bytes) {
      const isWorthIt = isOn && bytes >= leastBytes && running < mostAtOnce
      return isWorthIt ? acceptedEncoding(acceptEncoding) : null
    },
    async encode(bytes, encoding) {
      running++
      try {
        const encoded = await ENCODE[encoding](bytes)
        return encoded.length < bytes.length ? { encoding, bytes: encoded } : null
      } finally {
        running--
      }
    },
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestFacts } from '../plugins/request-facts.ts'
import type { Compressor } from './compressor.ts'

/** An answer ready to be sent; its length and encoding are told where it is. */
export type WholeBody = {
  status: number
  headers: Readonly<Record<string, string>>
  /** One after another; they may be others' too, so nobody writes into them. */
  pieces: readonly Buffer[]
}

type Exchange = { request: IncomingMessage; response: ServerResponse; facts: RequestFacts }

/** Sends an answer at once where it is not compressed, by the rules of `useCompression`. */
export async function sendAnswer(
  compressor: Compressor,
  { request, response, facts }: Exchange,
  { status, headers, pieces }: WholeBody,
): Promise<void> {
  const accepted = request.headers['accept-encoding']
  const length = lengthOf(pieces)
  const encoding = facts.isChange ? null : compressor.choose(accepted, length)
  const encoded = encoding && (await compressor.encode(Buffer.concat(pieces), encoding))
  const body = encoded ? [encoded.bytes] : pieces
  response.writeHead(status, {
    ...headers,
    ...compressor.headers,
    ...(encoded ? { 'content-encoding': encoded.encoding } : {}),
    'content-length': lengthOf(body),
  })
  response.cork()
  for (const piece of body) response.write(piece)
  response.end()
}

const lengthOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

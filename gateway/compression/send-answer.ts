import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestFacts } from '../plugins/request-facts.ts'
import type { Compressor } from './compressor.ts'

/** An answer ready to be sent; its length and encoding are told where it is. */
export type WholeBody = {
  status: number
  headers: Readonly<Record<string, string>>
  bytes: Buffer
}

type Exchange = { request: IncomingMessage; response: ServerResponse; facts: RequestFacts }

/** Sends an answer at once where it is not compressed, by the rules of `useCompression`. */
export async function sendAnswer(
  compressor: Compressor,
  { request, response, facts }: Exchange,
  { status, headers, bytes }: WholeBody,
): Promise<void> {
  const accepted = request.headers['accept-encoding']
  const encoding = facts.isChange ? null : compressor.choose(accepted, bytes.length)
  const encoded = encoding && (await compressor.encode(bytes, encoding))
  const body = encoded?.bytes ?? bytes
  response.writeHead(status, {
    ...headers,
    ...compressor.headers,
    ...(encoded ? { 'content-encoding': encoded.encoding } : {}),
    'content-length': body.length,
  })
  response.end(body)
}

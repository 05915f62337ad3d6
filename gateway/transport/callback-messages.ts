import type { IncomingMessage } from 'node:http'
import { isRecord } from './answer.ts'

/** What a subgraph posts about one subscription (Apollo's callback protocol, version 1.0). */
export type CallbackMessage = { id: string; verifier: string } & (
  | { action: 'check' }
  | { action: 'next'; payload: unknown }
  | { action: 'complete'; errors: unknown }
)

/** The body of a request as text; null when it is larger than allowed. */
export async function readPosted(
  request: IncomingMessage,
  mostBytes: number,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength
    if (length > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Null for anything that is no message of the protocol. */
export function readCallback(text: string): CallbackMessage | null {
  const message = parse(text)
  if (!isRecord(message) || message.kind !== 'subscription') return null
  const { id, verifier, action, payload, errors } = message
  if (typeof id !== 'string' || typeof verifier !== 'string') return null
  if (action === 'check') return { id, verifier, action }
  if (action === 'next') return { id, verifier, action, payload }
  return action === 'complete' ? { id, verifier, action, errors } : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

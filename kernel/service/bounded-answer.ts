import { serviceError } from './errors.ts'

/** The status and JSON of an answer, not yet trusted to have any shape. */
export type ServiceAnswer = { status: number; json: unknown }

const invalid = (service: string, cause?: unknown) =>
  serviceError('SERVICE_ANSWER_INVALID', { service }, { cause })

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The bytes of an answer, or null when there are more than may be. */
export async function readBounded(
  response: Response,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let received = 0
  // Leaving the loop early cancels the stream, so nothing beyond the bound is kept.
  for await (const chunk of response.body ?? []) {
    received += chunk.byteLength
    if (received > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Reads an answer of bounded size as JSON. Throws SERVICE_ANSWER_INVALID for anything else, and
 * whatever the transport throws when the answer breaks off.
 */
export async function readServiceAnswer(
  service: string,
  response: Response,
  maxBytes: number,
): Promise<ServiceAnswer> {
  const bytes = await readBounded(response, maxBytes)
  if (!bytes) throw invalid(service)
  try {
    return { status: response.status, json: JSON.parse(UTF8.decode(bytes)) }
  } catch (cause) {
    // What stands in front of a service says 502 in its own words; the status is answer enough.
    if (response.status >= 500) return { status: response.status, json: null }
    throw invalid(service, cause)
  }
}

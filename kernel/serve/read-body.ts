import { serveError } from './errors.ts'

/** The whole body as text. @throws SERVICE_BODY_TOO_LARGE */
export async function readBody(request: Request, mostBytes: number): Promise<string> {
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body) {
    length += chunk.byteLength
    if (length > mostBytes) throw serveError('SERVICE_BODY_TOO_LARGE', { mostBytes })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

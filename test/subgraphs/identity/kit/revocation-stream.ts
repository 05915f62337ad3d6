import type { World } from './identity-world.ts'

/** What identity sends on `/revocations`. */
export type RevocationMessage = {
  event: string
  data: { revocations?: unknown[]; kind?: string; id?: string; at?: string }
}

/** Messages of an event stream, heartbeats left out. */
async function* messagesOf(answer: Response): AsyncGenerator<RevocationMessage> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (event && data) yield { event, data: JSON.parse(data) }
    }
  }
}

/** Follows `/revocations` as a gateway does. */
export async function followRevocations(world: World, signal: AbortSignal) {
  const request = { method: 'GET', path: '/revocations', accept: 'text/event-stream', signal }
  return messagesOf(await world.send(request))
}

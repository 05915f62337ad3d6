import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDomainError } from '#kernel/errors.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { readWhole } from '#kernel/service/exchange.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../errors.ts'
import { answerInvalid, readAnswer, type SubgraphAnswer } from './answer.ts'
import { type CallbackEntry, createCallbackEntry } from './callback-entry.ts'
import { readCallback, readPosted } from './callback-messages.ts'
import type { StreamCall } from './socket-stream.ts'

export type CallbacksDeps = {
  /** Where subgraphs reach this gateway, without the path; null where none is to. */
  publicUrl: string | null
  fetch: SubgraphFetch
  randomness: Randomness
  log: Logger
}

/** Subscriptions whose events subgraphs post (Apollo's callback protocol, version 1.0). */
export type Callbacks = {
  /** @throws CONNECTION_LIMIT, SUBGRAPH_ANSWER_INVALID, SUBGRAPH_UNREACHABLE */
  open: (call: StreamCall) => Promise<AsyncGenerator<SubgraphAnswer>>
  /** Answers what is meant for a subscription; false for all other requests. */
  take: (request: IncomingMessage, response: ServerResponse) => boolean
}

type Entries = Map<string, CallbackEntry>

const PATH = '/callback/'
/** Open at once; each waits for posts and holds a few events. */
const MOST_OPEN = 10_000
const ACCEPT = 'application/json;callbackSpec=1.0, application/json'
const ANSWER_HEADERS = { 'subscription-protocol': 'callback/1.0', 'cache-control': 'no-store' }
/** Around the event itself. */
const WRAPPING_BYTES = 4_096
const NOT_TAKEN = 503

/** Ids and verifiers are of 128 random bits each; nobody is told whether an id is known. */
export function createCallbacks(deps: CallbacksDeps): Callbacks {
  const entries: Entries = new Map()
  const { publicUrl, log } = deps
  return {
    open: (call) => open(deps, entries, call),
    take(request, response) {
      const [path = ''] = (request.url ?? '').split('?')
      if (publicUrl === null || !path.startsWith(PATH)) return false
      const id = path.slice(PATH.length)
      answer(entries.get(id), { request, id }).then(
        (status) => response.writeHead(status, ANSWER_HEADERS).end(),
        (err: unknown) => {
          log.warn({ err }, 'what a subgraph posted was cut off')
          response.destroy()
        },
      )
      return true
    },
  }
}

async function open(
  deps: CallbacksDeps,
  entries: Entries,
  call: StreamCall,
): Promise<AsyncGenerator<SubgraphAnswer>> {
  if (entries.size >= MOST_OPEN) throw gatewayError('CONNECTION_LIMIT')
  const [id, verifier] = [newId(deps.randomness), newId(deps.randomness)]
  const entry = createCallbackEntry(call, verifier)
  entries.set(id, entry)
  const forget = () => {
    entry.stop()
    entries.delete(id)
  }
  try {
    const answer = await ask(deps, call, { id, verifier })
    if (answer.errors && answer.errors.length > 0) entry.refuse(answer)
    else if (!entry.isChecked())
      throw answerInvalid(call.subgraph, new Error('It never asked whether the callback is there.'))
  } catch (failure) {
    forget()
    throw failure
  }
  return read(entry, forget)
}

async function* read(entry: CallbackEntry, forget: () => void) {
  try {
    yield* entry.read()
  } finally {
    forget()
  }
}

async function ask(
  { publicUrl, fetch }: CallbacksDeps,
  { subgraph, url, headers, body, opening, limits }: StreamCall,
  { id, verifier }: { id: string; verifier: string },
): Promise<SubgraphAnswer> {
  const asked = JSON.parse(body) as { extensions?: object }
  const subscription = {
    ...{ callbackUrl: `${publicUrl}${PATH}${id}`, subscriptionId: id, verifier },
    heartbeatIntervalMs: Math.floor(limits.idleMs / 3),
  }
  const extensions = { ...asked.extensions, subscription }
  const request = new Request(url, {
    ...{ method: 'POST', headers: { ...headers, accept: ACCEPT }, signal: opening },
    body: JSON.stringify({ ...asked, extensions }),
  })
  const response = await fetch(request)
  if (response.status === NOT_TAKEN) {
    await response.body?.cancel()
    throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph })
  }
  return readAnswer(subgraph, await readWhole(response, limits.eventBytes))
}

/** The status of the answer; 404 has a subgraph end the subscription. */
async function answer(
  entry: CallbackEntry | undefined,
  { request, id }: { request: IncomingMessage; id: string },
): Promise<number> {
  if (request.method !== 'POST') return 405
  // Nothing is read of what nobody waits for.
  if (!entry) return 404
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return 415
  const text = await readPosted(request, entry.mostBytes + WRAPPING_BYTES)
  if (text === null) return 413
  const message = readCallback(text)
  if (!message) return 400
  if (message.id !== id || !entry.isVerified(message.verifier)) return 404
  try {
    await entry.take(message)
    return 204
  } catch (failure) {
    if (!isDomainError(failure)) throw failure
    return 400
  }
}

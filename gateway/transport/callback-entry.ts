import { createHash, timingSafeEqual } from 'node:crypto'
import { gatewayError } from '../errors.ts'
import { answerInvalid, type SubgraphAnswer, toAnswer } from './answer.ts'
import type { CallbackMessage } from './callback-messages.ts'
import { createMailbox } from './mailbox.ts'
import type { StreamCall } from './socket-stream.ts'
import { createFloodGate } from './socket-watch.ts'

/** Events that wait for a slow reader before what is posted waits for its answer. */
const MOST_WAITING = 16
/** Posts of one subscription that wait so at once; whoever sends more does not listen. */
const MOST_POSTS = 64

/** One open subscription, as the subgraph's posts find it. */
export type CallbackEntry = {
  mostBytes: number
  isVerified: (verifier: string) => boolean
  /** True once the subgraph has shown that it knows the verifier. */
  isChecked: () => boolean
  /** Takes a verified message; the answer waits while the reader is behind. @throws SUBGRAPH_ANSWER_INVALID */
  take: (message: CallbackMessage) => Promise<void>
  /** What an answer to the asking itself ends it with. */
  refuse: (answer: SubgraphAnswer) => void
  read: () => AsyncGenerator<SubgraphAnswer, void, void>
  /** Nothing is waited for any more. */
  stop: () => void
}

const hashed = (text: string) => createHash('sha256').update(text).digest()

/** Watches over the heartbeats of one subscription and keeps its events in order. */
export function createCallbackEntry(call: StreamCall, verifier: string): CallbackEntry {
  const { subgraph, limits } = call
  const known = hashed(verifier)
  const mailbox = createMailbox<SubgraphAnswer>({ most: MOST_WAITING })
  const isFlood = createFloodGate()
  const silence = setTimeout(
    () => mailbox.end(gatewayError('SUBGRAPH_UNREACHABLE', { subgraph })),
    limits.idleMs,
  )
  const leave = () => mailbox.end(limits.signal.reason)
  limits.signal.addEventListener('abort', leave, { once: true })
  let isChecked = false
  let posts = 0

  const deliver = async (payload: unknown) => {
    if (!isChecked) throw answerInvalid(subgraph, new Error('Answered before it was verified.'))
    mailbox.push(toAnswer(subgraph, payload))
    if (posts >= MOST_POSTS) throw answerInvalid(subgraph, new Error('Too many events at once.'))
    posts++
    await mailbox.room().finally(() => posts--)
  }
  const complete = (errors: unknown) => {
    const hasErrors = Array.isArray(errors) && errors.length > 0
    if (hasErrors) mailbox.push(toAnswer(subgraph, { errors }))
    mailbox.end()
  }
  const hear = async (message: CallbackMessage) => {
    if (message.action === 'next') return deliver(message.payload)
    if (message.action === 'complete') return complete(message.errors)
    if (isFlood()) throw answerInvalid(subgraph, new Error('Too many heartbeats.'))
    isChecked = true
  }
  return {
    mostBytes: limits.eventBytes,
    isVerified: (stated) => timingSafeEqual(hashed(stated), known),
    isChecked: () => isChecked,
    async take(message) {
      silence.refresh()
      try {
        await hear(message)
      } catch (failure) {
        mailbox.end(failure)
        throw failure
      }
    },
    refuse(answer) {
      mailbox.push(answer)
      mailbox.end()
    },
    read: mailbox.read,
    stop() {
      clearTimeout(silence)
      limits.signal.removeEventListener('abort', leave)
      mailbox.end()
    },
  }
}

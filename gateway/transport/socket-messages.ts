import { answerInvalid, isRecord, type SubgraphAnswer, toAnswer } from './answer.ts'

/** What a subgraph may say over a socket (graphql-transport-ws) to the one operation that it was asked. */
export type SocketMessage =
  | { type: 'connection_ack' | 'ping' | 'pong' | 'complete' }
  | { type: 'next' | 'error'; answer: SubgraphAnswer }

/** The id of the only operation on its socket. */
export const OPERATION_ID = '1'

const PLAIN = new Set(['connection_ack', 'ping', 'pong'] as const)

const isPlain = (type: unknown): type is 'connection_ack' | 'ping' | 'pong' =>
  (PLAIN as ReadonlySet<unknown>).has(type)

/** @throws SUBGRAPH_ANSWER_INVALID for anything that the protocol does not know, or that nobody asked. */
export function readSocketMessage(subgraph: string, text: string): SocketMessage {
  const message = parse(subgraph, text)
  if (!isRecord(message)) throw answerInvalid(subgraph, { length: text.length })
  const { type, id, payload } = message
  if (isPlain(type)) return { type }
  if (id !== OPERATION_ID) throw answerInvalid(subgraph, new Error('A message of no operation.'))
  if (type === 'complete') return { type }
  if (type === 'next') return { type, answer: toAnswer(subgraph, payload) }
  if (type === 'error') return { type, answer: toAnswer(subgraph, { errors: payload }) }
  throw answerInvalid(subgraph, new Error('A message of an unknown type.'))
}

function parse(subgraph: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw answerInvalid(subgraph, cause)
  }
}

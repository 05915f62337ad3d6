import { eventsError } from './errors.ts'

/** An event as its publisher states it. */
export type NewEvent = {
  /** The feed it belongs to: at most 100 of `A-Z a-z 0-9 _ . : -`. */
  topic: string
  /** What happened: at most 60 of the same characters. */
  type: string
  /** JSON, at most 64 kB; never personal data. */
  payload: unknown
}

/** An event as the table keeps it and the front carries it. */
export type StoredEvent = {
  readonly topic: string
  readonly epoch: string
  /** Dense within topic and epoch: 1, 2, 3, … */
  readonly seq: number
  readonly type: string
  readonly payload: unknown
  readonly at: Date
}

/** An event as subscribers receive it. */
export type LiveEvent = StoredEvent & {
  /** Opaque text that resumes the feed after this event; the same for every subscriber. */
  readonly cursor: string
  /**
   * On the first event of a stream that was asked to go on in any case: whether it holds all since
   * the cursor that was brought.
   */
  readonly recovered?: boolean
  /** Names the thing whose present state it tells, on a feed of states. */
  readonly state?: string
}

/**
 * Names the thing whose present state an event tells, so that a later event of the same thing makes
 * it stale: whoever reads slowly may be told the later one alone. Null for what happened, which
 * nothing makes stale.
 */
export type StateOf = (event: StoredEvent) => string | null

/** What a topic looks like. */
export const TOPIC = /^[\w.:-]{1,100}$/
/** What an event's type looks like. */
export const TYPE = /^[\w.:-]{1,60}$/
const MAX_PAYLOAD_BYTES = 65_536

/** @throws EVENT_INVALID */
export function checkTopic(topic: string): void {
  if (!TOPIC.test(topic)) throw eventsError('EVENT_INVALID')
}

/** The event as it will be read back from JSON, so that both roads deliver the same. @throws EVENT_INVALID */
export function normaliseEvent({ topic, type, payload }: NewEvent): NewEvent {
  checkTopic(topic)
  const text = JSON.stringify(payload) as string | undefined
  const isValid = TYPE.test(type) && text !== undefined
  if (!isValid || Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) throw eventsError('EVENT_INVALID')
  return { topic, type, payload: JSON.parse(text) as unknown }
}

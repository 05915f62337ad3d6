import { z } from 'zod'
import { type StoredEvent, TOPIC, TYPE } from './stored-event.ts'

/** Events in one entry of a stream, at most. */
const EVENTS_PER_ENTRY = 100
/** Beyond this many characters an entry takes no further event; one event fits always. */
const ENTRY_CHARACTERS = 131_072
/** More than any entry of ours: one event has at most 64 kB of payload. */
const LONGEST_ENTRY_CHARACTERS = 262_144

const LATEST_TIME = 8.64e15

/** An event as it travels. */
const TravellingEvents = z.array(
  z.object({
    topic: z.string().regex(TOPIC),
    epoch: z.string().regex(/^[\w-]{1,22}$/),
    seq: z.int().positive(),
    type: z.string().regex(TYPE),
    payload: z.unknown().refine((payload) => payload !== undefined),
    at: z.int().min(-LATEST_TIME).max(LATEST_TIME),
  }),
)

const travelling = ({ topic, epoch, seq, type, payload, at }: StoredEvent): string =>
  JSON.stringify({ topic, epoch, seq, type, payload, at: at.getTime() })

function arriving({ at, ...event }: z.infer<typeof TravellingEvents>[number]): StoredEvent {
  return { ...event, at: new Date(at) }
}

/** The texts of one entry or several that hold `events` in their order. */
export function packEvents(events: readonly StoredEvent[]): string[] {
  const packs: string[][] = []
  let characters = 0
  for (const text of events.map(travelling)) {
    const open = packs.at(-1)
    const hasRoom = open && open.length < EVENTS_PER_ENTRY
    if (hasRoom && characters + text.length <= ENTRY_CHARACTERS) {
      open.push(text)
      characters += text.length
    } else {
      packs.push([text])
      characters = text.length
    }
  }
  return packs.map((pack) => `[${pack.join(',')}]`)
}

/** The events of an entry; null when it is not one of ours, wholly and in every event. */
export function unpackEvents(text: string | undefined): StoredEvent[] | null {
  if (text === undefined || text.length > LONGEST_ENTRY_CHARACTERS) return null
  const parsed = TravellingEvents.safeParse(parseJson(text))
  return parsed.success ? parsed.data.map(arriving) : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

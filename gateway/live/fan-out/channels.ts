import type { HistoryBounds } from './history.ts'
import type { Spot } from './reader.ts'
import {
  openSharedStream,
  type SharedQuestion,
  type SharedStream,
  type SharedStreamDeps,
} from './shared-stream.ts'
import type { Told } from './told.ts'
import type { ReopeningBounds } from './upstream.ts'

export type ChannelsDeps = {
  bounds: HistoryBounds & ReopeningBounds
  /** Told how many streams of subgraphs are open. */
  counted: (open: number) => void
}

/** The open streams, by what they ask. */
export type Channels = {
  all: () => SharedStream[]
  /** Where a subscriber begins: in a stream that is there, or in one that is opened for it. */
  spotFor: (asked: SharedQuestion, resume: unknown) => Spot
  /** A stream goes on under another question, whose primary part is the same. */
  rename: (stream: SharedStream, asked: SharedQuestion) => void
  /** Calls back once, after the next event of a stream. */
  atNextEvent: (stream: SharedStream, call: () => void) => void
}

/** Several streams of one question are of different beginnings; where they meet they become one. */
export function createChannels({ bounds, counted }: ChannelsDeps): Channels {
  const channels = new Map<string, Set<SharedStream>>()
  const calls = new Map<SharedStream, () => void>()
  let open = 0

  const of = (key: string): Iterable<SharedStream> => channels.get(key) ?? []
  const add = (stream: SharedStream) => {
    const { key } = stream.asked()
    channels.set(key, (channels.get(key) ?? new Set()).add(stream))
  }
  const remove = (stream: SharedStream) => {
    const { key } = stream.asked()
    const streams = channels.get(key)
    streams?.delete(stream)
    if (streams?.size === 0) channels.delete(key)
  }
  const deps: SharedStreamDeps = {
    bounds,
    appended(stream, told) {
      joinWhereTheyMeet(stream, told, of(stream.asked().key))
      const call = calls.get(stream)
      calls.delete(stream)
      call?.()
    },
    closed(stream) {
      calls.delete(stream)
      remove(stream)
      counted(--open)
    },
  }
  return {
    all: () => [...channels.values()].flatMap((streams) => [...streams]),
    spotFor(asked, resume) {
      const known = spotAmong(of(asked.key), resume)
      if (known) return known
      const stream = openSharedStream(asked, resume, deps)
      counted(++open)
      add(stream)
      return { stream, place: 0 }
    },
    rename(stream, asked) {
      remove(stream)
      stream.ask(asked)
      add(stream)
    },
    atNextEvent: (stream, call) => void calls.set(stream, call),
  }
}

/** Where a subscriber may begin without another stream of a subgraph. */
function spotAmong(streams: Iterable<SharedStream>, resume: unknown): Spot | null {
  for (const stream of streams) {
    if (resume === null && stream.isLive) return { stream, place: stream.history.head() }
    const place = typeof resume === 'string' ? stream.history.placeOf(resume) : undefined
    if (place !== undefined) return { stream, place }
  }
  return null
}

/** Events of one cursor are the same event: from there on two streams of one question are one. */
function joinWhereTheyMeet(
  stream: SharedStream,
  { cursor }: Told,
  others: Iterable<SharedStream>,
): void {
  if (cursor === null) return
  for (const other of others) {
    const place = other === stream ? undefined : other.history.placeOf(cursor)
    if (place === undefined) continue
    const offset = place - stream.history.head()
    const isStaying = stream.isLive && !other.isLive
    if (isStaying) other.continueIn(stream, -offset)
    else stream.continueIn(other, offset)
    if (!isStaying) return
  }
}

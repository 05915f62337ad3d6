import type { Follow, Line } from './live-lines.ts'

/** Something told, as a subscriber saw it. */
export type Seen<Told> = Told & {
  cursor: string
  /** Milliseconds of the clock at its arrival. */
  seenAt: number
  /** Milliseconds of the clock when the connection that brought it was opened. */
  connectedAt: number
}

/** Somebody who follows a feed, and comes back with the last cursor whenever the line is cut. */
export type Follower<Told> = {
  name: string
  seen: readonly Seen<Told>[]
  /** Codes of what it was refused. */
  refusals: readonly string[]
  /** Why lines ended that it did not cut itself, each reason once. */
  troubles: ReadonlySet<string>
  /** Connections that brought something. */
  connections: () => number
  /** Cuts the line without a word, as a lost network does. */
  cut: () => void
  stop: () => Promise<void>
}

export type FollowerDeps<Told> = {
  name: string
  url: string
  /** A subscription of one field, without variables. */
  query: string
  /** What that field told. */
  read: (told: unknown) => Told
  /** An access token; asks the platform for one. */
  token: () => Promise<string>
  /** Told after each with how many there are. */
  onSeen?: (count: number) => void
}

/** In place of a cursor: from the oldest that the platform holds. */
const FROM_BEGINNING = 'beginning'
const COME_BACK_MS = 25

/** A journal of what came, whatever the connection. */
function createJournal<Told>({ read, onSeen = () => {} }: FollowerDeps<Told>) {
  const seen: Seen<Told>[] = []
  const refusals: string[] = []
  let cursor = FROM_BEGINNING
  return {
    seen,
    refusals,
    cursor: () => cursor,
    acceptor: (signal: AbortSignal, connectedAt: number): Line['accept'] => {
      return ({ data, errors = [] }, at) => {
        if (signal.aborted) return
        refusals.push(...errors.map(({ extensions }) => extensions?.code ?? 'none'))
        const told = Object.values(data ?? {})[0] ?? null
        if (told === null || at === undefined) return
        cursor = at
        seen.push({ ...read(told), cursor: at, seenAt: Date.now(), connectedAt })
        onSeen(seen.length)
      }
    },
  }
}

/** Follows a feed from the oldest event held, for ever. */
export function startFollower<Told>(follow: Follow, deps: FollowerDeps<Told>): Follower<Told> {
  const { name, url, query } = deps
  const journal = createJournal(deps)
  const troubles = new Set<string>()
  let line = new AbortController()
  let isStopped = false
  const connect = async () => {
    line = new AbortController()
    const { signal } = line
    const accept = journal.acceptor(signal, Date.now())
    const token = await deps.token()
    await follow(url, { query, after: journal.cursor(), token, accept, signal })
  }
  const comeBack = async () => {
    while (!isStopped) {
      // A platform that is down and a line that is cut are the same to it: it comes back.
      await connect().catch((failure: unknown) => {
        troubles.add(String(failure))
      })
      line.abort()
      await new Promise((done) => setTimeout(done, COME_BACK_MS))
    }
  }
  const ended = comeBack()
  return {
    name,
    seen: journal.seen,
    refusals: journal.refusals,
    troubles,
    connections: () => new Set(journal.seen.map(({ connectedAt }) => connectedAt)).size,
    cut: () => line.abort(),
    stop: async () => {
      isStopped = true
      line.abort()
      await ended
    },
  }
}

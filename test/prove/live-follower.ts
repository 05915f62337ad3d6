import type { Follow, Line } from './live-lines.ts'

/** Something told, as a subscriber saw it. */
export type Seen<Told> = Told & {
  cursor: string
  /** Milliseconds of the clock at its arrival. */
  seenAt: number
  /** Milliseconds of the clock when the connection that brought it was opened. */
  connectedAt: number
}

/** One connection, from the try to open it to its end. */
export type LineEnd = {
  /** Whose it was. */
  name: string
  /** Milliseconds of the clock, as the others. */
  startedAt: number
  /** Null: the other side never took it. */
  openedAt: number | null
  endedAt: number
  /** How many events came by it. */
  brought: number
  /** The code of its last refusal, else how it ended. */
  why: string
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
  onLineEnd?: (end: LineEnd) => void
  /** Milliseconds until the next try, by how many lines in a row brought nothing. */
  comeBackMs?: (failures: number) => number
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

type Journal<Told> = ReturnType<typeof createJournal<Told>>

/** Why a line ended that its follower ended. */
export const STOPPED = 'STOPPED'
/** A line that is refused is so at once. */
const HELD_MS = 1_000

/** Whether a connection became what it was opened for. */
export const hasHeld = ({ brought, openedAt, endedAt }: LineEnd): boolean =>
  brought > 0 || (openedAt !== null && endedAt - openedAt >= HELD_MS)

type Attempt<Told> = {
  journal: Journal<Told>
  signal: AbortSignal
  troubles: Set<string>
}

/** One connection from now to its end, whoever ends it. */
async function followOnce<Told>(
  follow: Follow,
  deps: FollowerDeps<Told>,
  { journal, signal, troubles }: Attempt<Told>,
): Promise<LineEnd> {
  const startedAt = Date.now()
  const [seenBefore, refusedBefore] = [journal.seen.length, journal.refusals.length]
  let openedAt: number | null = null
  const opened = () => {
    openedAt = Date.now()
  }
  const line = async () => {
    const token = await deps.token()
    if (signal.aborted) return STOPPED
    const accept = journal.acceptor(signal, Date.now())
    return follow(deps.url, {
      ...{ query: deps.query, after: journal.cursor(), token, accept, opened, signal },
    })
  }
  const ended = await line().catch((failure: unknown) => {
    // A platform that is down and a line that is cut are the same to it: it comes back.
    troubles.add(String(failure))
    return openedAt === null ? 'NO_CONNECTION' : 'CUT'
  })
  const isRefused = journal.refusals.length > refusedBefore
  const reason = isRefused ? (journal.refusals.at(-1) ?? ended) : ended
  const brought = journal.seen.length - seenBefore
  const why = signal.aborted ? STOPPED : reason
  return { name: deps.name, startedAt, openedAt, endedAt: Date.now(), brought, why }
}

/** Follows a feed from the oldest event held, for ever. */
export function startFollower<Told>(follow: Follow, deps: FollowerDeps<Told>): Follower<Told> {
  const { name, comeBackMs = () => COME_BACK_MS, onLineEnd = () => {} } = deps
  const journal = createJournal(deps)
  const troubles = new Set<string>()
  let line = new AbortController()
  let isStopped = false
  const comeBack = async () => {
    let failures = 0
    while (!isStopped) {
      line = new AbortController()
      const end = await followOnce(follow, deps, { journal, troubles, signal: line.signal })
      line.abort()
      onLineEnd(end)
      failures = hasHeld(end) ? 0 : failures + 1
      if (!isStopped) await new Promise((done) => setTimeout(done, comeBackMs(failures)))
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

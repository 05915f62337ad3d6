import { type PlannerThread, startPlannerThread } from './start-planner-thread.ts'

/**
 * Threads for planning. Each serves one version of a supergraph at a time, so that one is read while
 * another is planned for, and then the version of whoever comes next.
 */
export type PlannerThreads = {
  /** One that nobody else asks; it holds this version already where an idle one does. */
  take: (version: string) => PlannerThread
  /** Kept for whoever comes next, for a while. */
  giveBack: (thread: PlannerThread) => void
  /** Starts the first thread ahead of whoever takes it: reading the planner's code takes a while. */
  prepare: () => void
  /** Threads that live, whether or not they are asked. */
  readonly size: number
  close: () => Promise<void>
}

/** How large the heap of a thread may grow, and how many wait for work how long. */
export type PlannerThreadsOptions = { heapMb?: number; mostIdle?: number; idleMs?: number }

const DEFAULT_HEAP_MB = 512
const DEFAULT_IDLE_MS = 10_000

type Idle = { thread: PlannerThread; timer: NodeJS.Timeout }

/** Threads that wait for work, the one that waits longest first. */
function createIdleThreads(mostIdle: number, idleMs: number) {
  const idle: Idle[] = []
  const leave = (left: Idle) => {
    idle.splice(idle.indexOf(left), 1)
    clearTimeout(left.timer)
    return left.thread
  }
  return {
    add(thread: PlannerThread) {
      const timer = setTimeout(() => void leave(added).end(), idleMs)
      timer.unref()
      const added = { thread, timer }
      idle.push(added)
      const [oldest] = idle
      if (oldest && idle.length > mostIdle) void leave(oldest).end()
    },
    take(version: string): PlannerThread | null {
      for (const dead of idle.filter(({ thread }) => thread.isLost)) leave(dead)
      const found = idle.find(({ thread }) => thread.version === version) ?? idle[0]
      return found ? leave(found) : null
    },
    clear: () => {
      for (const { timer } of idle.splice(0)) clearTimeout(timer)
    },
  }
}

/** Starts threads as they are wanted; none of them keeps the process alive by waiting. */
export function createPlannerThreads(options: PlannerThreadsOptions = {}): PlannerThreads {
  const { heapMb = DEFAULT_HEAP_MB, mostIdle = 1, idleMs = DEFAULT_IDLE_MS } = options
  const living = new Set<PlannerThread>()
  const idle = createIdleThreads(mostIdle, idleMs)
  let isClosed = false
  const start = () => {
    const thread = startPlannerThread(heapMb, () => living.delete(thread))
    living.add(thread)
    return thread
  }
  return {
    take: (version) => {
      if (isClosed) throw new Error('The planning threads are closed.')
      return idle.take(version) ?? start()
    },
    giveBack: (thread) => {
      if (!isClosed && !thread.isLost) idle.add(thread)
    },
    prepare: () => {
      if (living.size === 0) idle.add(start())
    },
    get size() {
      return living.size
    },
    close: async () => {
      isClosed = true
      idle.clear()
      await Promise.all([...living].map((thread) => thread.end()))
    },
  }
}

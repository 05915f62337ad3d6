import { type PlannerProcess, startPlannerProcess } from './start-planner-process.ts'

/**
 * Processes for planning. Each serves one version of a supergraph at a time, so that one is read while
 * another is planned for, and then the version of whoever comes next.
 */
export type PlannerProcesses = {
  /** One that nobody else asks; it holds this version already where an idle one does. */
  take: (version: string) => PlannerProcess
  /** Kept for whoever comes next, for a while. */
  giveBack: (child: PlannerProcess) => void
  /** Starts the first process ahead of whoever takes it: reading the planner's code takes a while. */
  prepare: () => void
  /** Processes that live, whether or not they are asked. */
  readonly size: number
  close: () => Promise<void>
}

/** How large the heap of a process may grow, and how many wait for work how long. */
export type PlannerProcessesOptions = { heapMb?: number; mostIdle?: number; idleMs?: number }

const DEFAULT_HEAP_MB = 512
const DEFAULT_IDLE_MS = 10_000

type Idle = { child: PlannerProcess; timer: NodeJS.Timeout }

/** Processes that wait for work, the one that waits longest first. */
function createIdleProcesses(mostIdle: number, idleMs: number) {
  const idle: Idle[] = []
  const leave = (left: Idle) => {
    idle.splice(idle.indexOf(left), 1)
    clearTimeout(left.timer)
    return left.child
  }
  return {
    add(child: PlannerProcess) {
      const timer = setTimeout(() => void leave(added).end(), idleMs)
      timer.unref()
      const added = { child, timer }
      idle.push(added)
      const [oldest] = idle
      if (oldest && idle.length > mostIdle) void leave(oldest).end()
    },
    take(version: string): PlannerProcess | null {
      for (const dead of idle.filter(({ child }) => child.isLost)) leave(dead)
      const found = idle.find(({ child }) => child.version === version) ?? idle[0]
      return found ? leave(found) : null
    },
    clear: () => {
      for (const { timer } of idle.splice(0)) clearTimeout(timer)
    },
  }
}

/** Starts processes as they are wanted; none of them keeps this one alive by waiting. */
export function createPlannerProcesses(options: PlannerProcessesOptions = {}): PlannerProcesses {
  const { heapMb = DEFAULT_HEAP_MB, mostIdle = 1, idleMs = DEFAULT_IDLE_MS } = options
  const living = new Set<PlannerProcess>()
  const idle = createIdleProcesses(mostIdle, idleMs)
  let isClosed = false
  const start = () => {
    const child = startPlannerProcess(heapMb, () => living.delete(child))
    living.add(child)
    return child
  }
  return {
    take: (version) => {
      if (isClosed) throw new Error('The planning processes are closed.')
      return idle.take(version) ?? start()
    },
    giveBack: (child) => {
      if (!isClosed && !child.isLost) idle.add(child)
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
      await Promise.all([...living].map((child) => child.end()))
    },
  }
}

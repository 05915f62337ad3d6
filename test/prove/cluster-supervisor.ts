import type { Program } from '../kit/child-process.ts'
import { pause } from './until.ts'

/** Starts what has ended, as a service manager does. */
export type Supervisor = {
  /** Starts all of them, and from then on each again that ends. */
  start: () => Promise<void>
  kill: (name: string) => Promise<void>
  /** Ends one in order and puts another in its place. */
  replace: (name: string, next: Program) => Promise<void>
  /** Looks after none any more and ends all in order. @returns names with the exit codes */
  stop: () => Promise<ReadonlyMap<string, number | null>>
  /** Looks after none any more and kills all. */
  end: () => Promise<void>
  programs: ReadonlyMap<string, Program>
  /** How often each was started again. */
  restarts: ReadonlyMap<string, number>
  /** Ends that nobody brought about, or not in this way, with the last line that was logged. */
  ownEnds: readonly string[]
}

/** From the end of a process to its next start, milliseconds. */
const RESTART_MS = 1_000
const LOOK_MS = 100

const lastWordOf = (name: string, { logged }: Program) =>
  `${name}: ${logged().at(-1) ?? 'without a word'}`

/** A supervisor of programs by name; none runs yet. */
export function createSupervisor(given: ReadonlyMap<string, Program>): Supervisor {
  const programs = new Map(given)
  const restarts = new Map([...given.keys()].map((name) => [name, 0]))
  const ownEnds: string[] = []
  /** Those whose end somebody else sees to. */
  const inHands = new Set<string>()
  /** Those that were killed and not yet missed. */
  const killed = new Set<string>()
  let isLooking = false
  let looking: Promise<void> = Promise.resolve()

  const restart = async (name: string, program: Program): Promise<void> => {
    await pause(RESTART_MS)
    if (!isLooking) return
    restarts.set(name, (restarts.get(name) ?? 0) + 1)
    await program.start().catch((failure: unknown) => void ownEnds.push(String(failure)))
  }
  const look = async (name: string): Promise<void> => {
    while (isLooking) {
      const program = programs.get(name)
      if (program && !program.isRunning() && !inHands.has(name)) {
        if (!killed.delete(name)) ownEnds.push(lastWordOf(name, program))
        await restart(name, program)
      }
      await pause(LOOK_MS)
    }
  }
  const letGo = async (): Promise<void> => {
    isLooking = false
    await looking
  }
  const programOf = (name: string): Program => {
    const program = programs.get(name)
    if (!program) throw new Error(`no process is called ${name}`)
    return program
  }
  return {
    ...{ programs, restarts, ownEnds },
    start: async () => {
      await Promise.all([...programs.values()].map((program) => program.start()))
      isLooking = true
      looking = Promise.all([...programs.keys()].map(look)).then(() => undefined)
    },
    kill: async (name) => {
      const program = programOf(name)
      if (!program.isRunning()) throw new Error(`${name} does not run`)
      killed.add(name)
      await program.kill()
    },
    replace: async (name, next) => {
      inHands.add(name)
      const code = await programOf(name).stop()
      programs.set(name, next)
      await next.start()
      inHands.delete(name)
      if (code !== 0) ownEnds.push(`${name} was told to stop and ended with ${code}`)
    },
    stop: async () => {
      await letGo()
      const ending = [...programs].map(async ([name, program]) => {
        return [name, await program.stop()] as const
      })
      return new Map(await Promise.all(ending))
    },
    end: async () => {
      isLooking = false
      const killAll = () => Promise.all([...programs.values()].map((program) => program.kill()))
      // Twice: one may be starting, and is waited for.
      await killAll()
      await looking
      await killAll()
    },
  }
}

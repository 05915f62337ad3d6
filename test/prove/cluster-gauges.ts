import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Program } from '../kit/child-process.ts'

/** Megabytes that each process holds in memory, by name; 0 for one that does not run. */
export type Memory = ReadonlyMap<string, number>

const KILOBYTES = /^VmRSS:\s+(\d+) kB$/m

async function memoryOf({ isRunning, pid }: Program): Promise<number> {
  if (!isRunning()) return 0
  const status = await readFile(`/proc/${pid()}/status`, 'utf8')
  return Math.round(Number(KILOBYTES.exec(status)?.[1] ?? 0) / 1024)
}

/** Reads the resident memory of processes; Linux only. */
export async function readMemory(programs: ReadonlyMap<string, Program>): Promise<Memory> {
  const read = [...programs].map(
    async ([name, program]) => [name, await memoryOf(program)] as const,
  )
  return new Map(await Promise.all(read))
}

function readTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => {
    return sum + user + nice + sys + idle + irq
  }, 0)
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) }
}

/** @returns what says which percentage of the machine's cores was busy since now, other work included */
export function gaugeCpu(): () => number {
  const before = readTimes()
  return () => {
    const now = readTimes()
    return Math.round((100 * (now.busy - before.busy)) / Math.max(1, now.all - before.all))
  }
}

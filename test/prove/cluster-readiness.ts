import type { Program } from '../kit/child-process.ts'
import { pause, until } from './until.ts'

type Report = { status?: unknown; reason?: unknown; reasons?: Readonly<Record<string, unknown>> }

const ANSWER_MS = 2_000
/** Asking costs those who start something. */
const LOOK_MS = 200
const LONGEST_MS = 180_000

/** Null: no word that it is ready. */
async function reportOf({ url }: Program): Promise<Report | null> {
  try {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const report = (await answer.json()) as Report
    return answer.ok && report.status === 'ready' ? report : null
  } catch (failure) {
    if (failure instanceof Error) return null
    throw failure
  }
}

/** Whether a process says of itself that it is ready, and, if asked for, that nothing is amiss. */
async function isReady(program: Program, mayBeReserved: boolean): Promise<boolean> {
  const report = await reportOf(program)
  if (!report) return false
  const hasReasons = report.reason !== undefined || Object.keys(report.reasons ?? {}).length > 0
  return mayBeReserved || !hasReasons
}

type Whole = { withinMs?: number; mayBeReserved?: boolean }

/**
 * Waits until every process says by its own `/ready` that it is: the services of themselves, the
 * gateways of all. @returns the milliseconds that it took
 */
export async function untilWhole(
  programs: ReadonlyMap<string, Program>,
  { withinMs = LONGEST_MS, mayBeReserved = false }: Whole = {},
): Promise<number> {
  const began = performance.now()
  const areReady = async () => {
    const asked = [...programs.values()].map((program) => isReady(program, mayBeReserved))
    if ((await Promise.all(asked)).every(Boolean)) return true
    await pause(LOOK_MS)
    return false
  }
  await until('every process is ready', areReady, withinMs)
  return performance.now() - began
}

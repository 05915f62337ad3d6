import { readdirSync, readFileSync } from 'node:fs'
import { createPlannerProcesses } from '#gateway/engine/planning/planner-processes.ts'
import {
  defaultPlanning,
  type PlanningSettings,
} from '#gateway/engine/planning/planning-settings.ts'

/**
 * The processes in which the supergraphs of this process are planned: reading the planner's code, and
 * often the supergraph too, is then done once for many tests.
 */
export const plannerProcesses = createPlannerProcesses({ mostIdle: 3, idleMs: 120_000 })

/** For tests that do not speak of the deadline: a machine at work must not make them. */
export const patientPlanning: PlanningSettings = { ...defaultPlanning, deadlineMs: 30_000 }

const told = (pid: number, what: 'stat' | 'cmdline'): string => {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    // Gone between two looks.
    return ''
  }
}

/** The planners that a process has started, and that live. */
export function plannersOf(parent: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.filter((pid) => {
    const [state, parentOfIt] = told(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []
    const isPlanner = told(pid, 'cmdline').includes('planner-process.ts')
    return isPlanner && Number(parentOfIt) === parent && state !== 'Z'
  })
}

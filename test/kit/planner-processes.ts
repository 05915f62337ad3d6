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

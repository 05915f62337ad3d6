import { createPlannerThreads } from '#gateway/engine/planning/planner-threads.ts'

/**
 * The threads in which the supergraphs of this process are planned: reading the planner's code, and
 * often the supergraph too, is then done once for many tests.
 */
export const plannerThreads = createPlannerThreads({ mostIdle: 3, idleMs: 120_000 })

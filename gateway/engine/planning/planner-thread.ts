import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { PlannerQuestion, PlannerThreadData } from './planner-messages.ts'

/** The thread that plans: started by `planner-threads.ts`, never imported. */
const { compileCache } = workerData as PlannerThreadData
if (compileCache !== null) enableCompileCache(compileCache)

// Loaded only now, so that what is compiled already need not be compiled again.
const { createPlanMaker } = await import('./plan-maker.ts')
const answer = createPlanMaker()

parentPort?.on('message', (question: PlannerQuestion) => {
  parentPort?.postMessage(answer(question))
})

import { writeFile } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import type { PlannerQuestion } from './planner-messages.ts'

/** The process that plans: started by `start-planner-process.ts`, never imported. */

// A signal to all of a group is for the process that serves, which still plans while it drains.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

// Where memory is short, the system shall end this process and not the one that serves. Elsewhere
// than on Linux nobody can be asked for that.
await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined)

const { createPlanMaker } = await import('./plan-maker.ts')
const answer = createPlanMaker()
// Its end may be too sudden for that.
flushCompileCache()

process.on('message', (question: PlannerQuestion) => {
  process.send?.(answer(question))
})

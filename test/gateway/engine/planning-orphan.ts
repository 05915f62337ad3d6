import { startPlannerProcess } from '#gateway/engine/planning/start-planner-process.ts'

/** A process that has started a planner and is then ended by whoever started it. */
const planner = startPlannerProcess(512, () => undefined)
await planner.ask({ kind: 'load', sdl: 'type Query { a: Int }' }, 60_000)
process.stdout.write('ready\n')
setInterval(() => undefined, 60_000)

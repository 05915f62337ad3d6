import cluster from 'node:cluster'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { readProcessConfig } from '#kernel/config.ts'
import { createLog } from '#kernel/log.ts'
import { runProcess } from '#kernel/serve/run-process.ts'
import { openGateway } from './open-gateway.ts'
import { leaveParent, speaks, untilStopped } from './worker.ts'
import { superviseWorkers } from './workers.ts'

const say = (text: string) => speaks() && process.stdout.write(`${text}\n`)

// What is compiled and stripped of its types once need not be again: a start spends a fifth less CPU.
// Where the folder cannot be written, the start only takes that longer.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/dbsbm', import.meta.url)))

await runProcess(async (argv) => {
  const config = readProcessConfig(argv, 'gateway')
  const log = createLog({ level: config.logLevel, name: 'gateway' })
  if (config.gateway.workers > 1 && cluster.isPrimary) return superviseWorkers(config.gateway, log)
  const gateway = await openGateway(config, log)
  // Heard from before anybody can know that it runs.
  const stopped = untilStopped()
  try {
    const { url } = await gateway.listen(config.port, config.host)
    for (const line of gateway.introduce(url)) say(line)
    await stopped
    say('Stopping …')
  } finally {
    await gateway.close()
    leaveParent()
  }
})

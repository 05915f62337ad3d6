import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ConfigurationError, readProcessConfig } from '#kernel/config.ts'
import { createLog } from '#kernel/log.ts'
import { runProcess } from '#kernel/serve/run-process.ts'

const NO_CLUSTER_YET =
  'DBSBM_MODE=cluster is not built for the gateway yet; leave it out, or serve a supergraph alone with --supergraph FILE.'

const say = (text: string) => process.stdout.write(`${text}\n`)

// What is compiled and stripped of its types once need not be again: a start spends a fifth less CPU.
// Where the folder cannot be written, the start only takes that longer.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/dbsbm', import.meta.url)))

await runProcess(async (argv) => {
  const config = readProcessConfig(argv, 'gateway')
  const log = createLog({ level: config.logLevel, name: 'gateway' })
  const { supergraphFile } = config.gateway
  if (config.mode === 'cluster' && !supergraphFile) throw new ConfigurationError([NO_CLUSTER_YET])
  // Loaded when needed: a gateway that stands alone has no subgraphs and no database.
  const open = supergraphFile
    ? (await import('./standalone.ts')).openStandaloneGateway(config, supergraphFile, log)
    : (await import('./local.ts')).openLocalGateway(config, log)
  const gateway = await open
  // Heard from before anybody can know that it runs.
  const stopped = runProcess.untilStopped()
  try {
    const { url } = await gateway.listen(config.port, config.host)
    for (const line of gateway.introduce(url)) say(line)
    await stopped
    say('Stopping …')
  } finally {
    await gateway.close()
  }
})

import { ConfigurationError, readProcessConfig } from '#kernel/config.ts'
import { createLog } from '#kernel/log.ts'
import { runProcess } from '#kernel/serve/run-process.ts'
import { openStandaloneGateway } from './standalone.ts'

await runProcess(async (argv) => {
  const config = readProcessConfig(argv, 'gateway')
  const { supergraphFile } = config.gateway
  if (!supergraphFile) throw new ConfigurationError(['--supergraph FILE is missing.'])
  const log = createLog({ level: config.logLevel, name: 'gateway' })
  const gateway = await openStandaloneGateway(config, supergraphFile, log)
  try {
    const { url } = await gateway.listen(config.port, config.host)
    process.stdout.write(`GraphQL at ${url}/graphql, health at ${url}/health\n`)
    await runProcess.untilStopped()
  } finally {
    await gateway.close()
  }
})

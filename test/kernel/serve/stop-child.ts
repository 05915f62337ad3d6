import { systemClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import { openService } from '#kernel/serve/open-service.ts'
import { runProcess } from '#kernel/serve/run-process.ts'
import { serviceKeys } from './kit.ts'

/** What does not end as it should when the process is told to stop. */
const [hanging] = process.argv.slice(2)

const never = new Promise<void>(() => undefined)

const stopWork = async () => {
  if (hanging === 'work') await never
  if (hanging === 'several') throw new Error('the work is stuck')
}

/** A process with one subgraph, as all of them are run. */
await runProcess(async () => {
  const service = await openService({
    subgraph: {
      name: 'tenancy',
      schema: (await import('#subgraphs/tenancy/subgraph.ts')).tenancy.schema,
      entities: [],
      migrations: { sqlite: 'var/none', mysql: 'var/none' },
      open: async ({ database }) => {
        await database.orm.schema.create()
        const { close } = database
        database.close = async () => {
          await close()
          if (hanging === 'several') throw new Error('the database is stuck')
        }
        return {
          createContext: (request) => request,
          start: async () => ({ stop: stopWork }),
        }
      },
    },
    databaseUrl: 'sqlite::memory:',
    front: createRingFront(),
    clock: systemClock,
    randomness: systemRandomness,
    log: createLog({ level: 'warn', name: 'child' }),
    serviceKeys,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(systemRandomness)),
    oddsFeed: { kind: 'none' },
    resolve: () => {
      throw new Error('nobody else is here')
    },
    receivers: [],
    stopMs: hanging === 'work' ? Number(process.argv[3]) : 15_000,
  })
  await service.start()
  const awake = setInterval(() => undefined, 1_000)
  const stopped = runProcess.untilStopped()
  process.stdout.write('ready\n')
  await stopped
  process.stdout.write('stopping\n')
  if (hanging !== 'timer' && hanging !== 'work') clearInterval(awake)
  await service.stop(0)
})

import { Job } from '#kernel/jobs/job.ts'
import { openUrl } from '../../kit/database.ts'
import { createWorker } from './job-kit.ts'

const [url = '', leaseMilliseconds = ''] = process.argv.slice(2)

// A process that takes a job and is killed over it by its parent; until then it keeps its lease.
const database = await openUrl(url, [Job])
const count = () => {
  process.stdout.write('taken\n')
  return new Promise<never>(() => {})
}
createWorker(
  { ...database, [Symbol.asyncDispose]: database.close },
  { handlers: { count }, settings: { leaseMilliseconds: Number(leaseMilliseconds) } },
).start()

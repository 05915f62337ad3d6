import { connect } from 'node:net'

type Service = { readonly name: string; readonly host: string; readonly port: number }

const WAIT_MILLISECONDS = 3_000

/** The servers that `npm run test:services` needs; a URL in the environment moves one elsewhere. */
function servicesOf(environment: NodeJS.ProcessEnv): Service[] {
  return [
    serviceAt('MariaDB', environment.TEST_MARIADB_URL ?? 'mariadb://127.0.0.1:3306'),
    serviceAt('Redis', environment.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'),
  ]
}

function serviceAt(name: string, address: string): Service {
  const { hostname, port } = new URL(address)
  return { name, host: hostname, port: Number(port || (name === 'Redis' ? 6379 : 3306)) }
}

function isReachable({ host, port }: Service): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: WAIT_MILLISECONDS })
    const answer = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}

/** Before the services suite: one sentence for each server that is not there, and no test runs. */
export async function setup(): Promise<void> {
  const services = servicesOf(process.env)
  const answers = await Promise.all(services.map(isReachable))
  const missing = services.filter((_, index) => !answers[index])
  if (missing.length === 0) return
  const list = missing.map(({ name, host, port }) => `${name} (${host}:${port})`).join(' and ')
  // Thrown, it would be buried under "no test files found" and a trace of the runner.
  process.stderr.write(`The services suite needs ${list}: not reachable. No test ran.\n`)
  process.exit(1)
}

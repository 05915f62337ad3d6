import { randomBytes } from 'node:crypto'
import { SUBGRAPH_NAMES, type SubgraphName } from '#kernel/auth/service-names.ts'
import { createProgram, freePort, isAnswered, type Program } from './child-process.ts'
import { emptyMariadb } from './database.ts'
import { ownRedisPrefix, REDIS_URL } from './redis.ts'

/** Who signs in first on a platform without demo accounts. */
export const FIRST_OPERATOR = {
  email: 'first@dbsbm.example',
  password: 'a first password of some length',
}

/** A platform as processes: gateways and five services on MariaDB and Redis. */
export type ClusterProcesses = AsyncDisposable & {
  gateways: readonly Program[]
  services: Readonly<Record<SubgraphName, Program>>
  all: readonly Program[]
  databaseUrls: Readonly<Record<SubgraphName, string>>
  /** What every process of it is told. */
  env: Readonly<Record<string, string>>
  /** Another gateway, or the same service once more: on another port, of code in another folder, or told more. */
  another: (what: Part, port: number, others?: Others) => Program
  start: () => Promise<void>
  /** Waits until every gateway says that all is there. */
  untilReady: (withinMs?: number) => Promise<void>
}

export type Part = 'gateway' | SubgraphName
type Others = { root?: string; env?: Readonly<Record<string, string>> }

export type ClusterOptions = {
  gateways?: number
  redisUrl?: string
  /** One for each subgraph; by default empty ones on the server of the tests. */
  databaseUrls?: Readonly<Record<SubgraphName, string>>
  env?: Record<string, string>
  /** What one of them alone is told. */
  envOf?: (what: Part, index: number) => Readonly<Record<string, string>>
  /** Told of each line that a process logs. */
  onLine?: (line: string) => void
}

const suffix = (name: SubgraphName) => name.toUpperCase()

async function makeDatabases(stack: AsyncDisposableStack) {
  const made: [SubgraphName, string][] = []
  for (const name of SUBGRAPH_NAMES) made.push([name, stack.use(await emptyMariadb()).url])
  return Object.fromEntries(made) as Record<SubgraphName, string>
}

async function until(what: string, isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms: ${what}`)
    await new Promise((resume) => setTimeout(resume, 100))
  }
}

async function isWhole({ url }: Program): Promise<boolean> {
  if (!(await isAnswered(`${url}/ready`))) return false
  const answer = await fetch(`${url}/ready`)
  return ((await answer.json()) as { status: string }).status === 'ready'
}

/** Makes a cluster ready to be started; its databases go when it is disposed. */
export async function makeCluster(options: ClusterOptions = {}): Promise<ClusterProcesses> {
  await using stack = new AsyncDisposableStack()
  const { redisUrl = REDIS_URL } = options
  const databaseUrls = options.databaseUrls ?? (await makeDatabases(stack))
  const ports = new Map<SubgraphName, number>()
  for (const name of SUBGRAPH_NAMES) ports.set(name, await freePort())
  const env: Record<string, string> = {
    DBSBM_MODE: 'cluster',
    REDIS_URL: redisUrl,
    REDIS_PREFIX: stack.use(ownRedisPrefix(redisUrl)).prefix,
    SERVICE_SECRET: randomBytes(32).toString('hex'),
    OPERATOR_KEY: `v1:${randomBytes(32).toString('base64')}`,
    FIRST_OPERATOR_EMAIL: FIRST_OPERATOR.email,
    FIRST_OPERATOR_PASSWORD: FIRST_OPERATOR.password,
    GATEWAY_NOTICE_SECONDS: '0',
    ...Object.fromEntries(
      SUBGRAPH_NAMES.flatMap((name) => [
        [`DATABASE_URL_${suffix(name)}`, databaseUrls[name]],
        [`SUBGRAPH_URL_${suffix(name)}`, `http://127.0.0.1:${ports.get(name)}`],
      ]),
    ),
    ...options.env,
  }
  const another: ClusterProcesses['another'] = (what, port, { root, env: more } = {}) =>
    createProgram({
      ...{ name: what, env: { ...env, ...more }, port, root, onLine: options.onLine },
      command: what === 'gateway' ? ['gateway/main.ts'] : ['subgraphs/main.ts', 'serve', what],
    })
  const make = (what: Part, port: number, index = 0) =>
    another(what, port, { env: options.envOf?.(what, index) ?? {} })
  const entries = SUBGRAPH_NAMES.map((name) => [name, make(name, ports.get(name) ?? 0)] as const)
  const services = Object.fromEntries(entries) as Record<SubgraphName, Program>
  const gateways: Program[] = []
  for (let made = 0; made < (options.gateways ?? 2); made += 1) {
    gateways.push(make('gateway', await freePort(), made))
  }
  const all = [...Object.values(services), ...gateways]
  const kept = stack.move()
  return {
    ...{ gateways, services, all, databaseUrls, env, another },
    start: async () => void (await Promise.all(all.map((program) => program.start()))),
    untilReady: async (withinMs = 60_000) => {
      const areWhole = async () => (await Promise.all(gateways.map(isWhole))).every(Boolean)
      await until('all gateways are ready', areWhole, withinMs)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((program) => program.kill()))
      await kept.disposeAsync()
    },
  }
}

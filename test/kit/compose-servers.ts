import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Place, ROOT, type Running, run, start } from './compose-place.ts'

/** A server of the cluster; disposed, it is told to stop and does. */
export type Server = AsyncDisposable & { env: Record<string, string | undefined> }

const PATH = process.env.PATH
const isRoot = process.getuid?.() === 0

const LONGEST_START_MS = 30_000
const LOOK_MS = 100

/** Waits until the health check of docker-compose.yml, run where the server is, says yes. */
async function untilHealthy(words: readonly string[], env: Server['env'], running: Running) {
  const check = words[0] === 'CMD-SHELL' ? ['sh', '-c', ...words.slice(1)] : words.slice(1)
  const end = Date.now() + LONGEST_START_MS
  for (;;) {
    if ((await start({ words: check, env }).ended) === 0) return
    if (running.child.exitCode === null && Date.now() < end) {
      await new Promise((resume) => setTimeout(resume, LOOK_MS))
      continue
    }
    running.child.kill('SIGKILL')
    throw new Error(`no server: ${running.said.errors}${running.said.output}`)
  }
}

function toServer(running: Running, env: Server['env']): Server {
  return {
    env,
    [Symbol.asyncDispose]: async () => {
      running.child.kill('SIGTERM')
      expect(await running.ended).toBe(0)
    },
  }
}

/** Small: the machine holds more than this cluster. */
const MODEST = ['--innodb-log-file-size=16M', '--innodb-buffer-pool-size=64M']

/**
 * MariaDB on an empty folder, with the settings, databases and users that the image would give it.
 * Clients find it by the HOME of `env`, which holds the address of this server and of no other.
 */
export async function startMariadb(place: Place, port: number): Promise<Server> {
  const home = join(place.folder, `mariadb-${port}`)
  const at = (name: string) => join(home, name)
  const password = (await readFile(join(place.secrets, 'mariadb-root-password'), 'utf8')).trim()
  const user = isRoot ? ['--user=root'] : []
  await mkdir(home)
  await writeFile(at('.my.cnf'), `[client]\nsocket=${at('socket')}\nport=${port}\n`)
  await writeFile(at('init.sql'), `ALTER USER root@localhost IDENTIFIED BY '${password}';\n`)
  const env = { PATH, HOME: home, SECRETS_FOLDER: place.secrets }
  const install = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
  await run({
    words: ['mariadb-install-db', ...install, `--datadir=${at('data')}`, ...user],
    env,
  })
  const running = start({
    words: [
      ...['mariadbd', `--defaults-file=${ROOT}docker/mariadb/dbsbm.cnf`, ...MODEST, ...user],
      ...[`--datadir=${at('data')}`, `--socket=${at('socket')}`, `--pid-file=${at('pid')}`],
      ...[`--init-file=${at('init.sql')}`, `--port=${port}`, '--bind-address=127.0.0.1'],
    ],
    env,
  })
  await untilHealthy(place.service('mariadb').healthcheck?.test ?? [], env, running)
  const script = join(ROOT, 'docker/mariadb/databases.sh')
  await run({ words: [script], env: { ...env, MARIADB_ROOT_PASSWORD: password } })
  return toServer(running, { ...env, MYSQL_PWD: password })
}

/** Redis as docker-compose.yml starts it. */
export async function startRedis(place: Place): Promise<Server> {
  const { command = [], healthcheck } = place.service('redis')
  const port = String(place.ports.redis)
  const env = { PATH, REDIS_URL_FILE: join(place.secrets, 'redis-url'), TMPDIR: place.folder }
  const running = start({
    words: ['sh', join(ROOT, 'docker/redis/start.sh'), ...command, '--port', port],
    env,
    cwd: place.folder,
  })
  const test = healthcheck?.test.map((word) => word.replace('redis-cli', `redis-cli -p ${port}`))
  await untilHealthy(test ?? [], env, running)
  return toServer(running, env)
}

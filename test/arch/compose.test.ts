import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { type Config, defaultPort, readConfig } from '#kernel/config.ts'
import { parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { makeSecrets, newSecrets } from '../../scripts/make-secrets.ts'
import { environmentOf, isOurs, parseCompose, roleOf } from '../kit/compose-file.ts'
import { proveRule } from './kit/rule.ts'
import { projectTree } from './kit/tree.ts'
import {
  confined,
  imageHoldsLittle,
  imagesPinned,
  onlyGatewaysOutside,
  secretsByFile,
  settingsKnown,
  supervised,
  volumesNamed,
} from './rules/compose.ts'

const tree = projectTree()
const FILES = ['docker-compose.yml', 'Dockerfile', '.dockerignore', '.gitignore', 'package.json']
const asItIs = Object.fromEntries(FILES.map((path) => [path, tree.read(path)]))

/** The project's own files with one change in one of them. */
function changed(path: string, from: string | RegExp, to: string) {
  const text = (asItIs[path] ?? '').replace(from, to)
  if (text === asItIs[path]) throw new Error(`${path} holds no ${from}`)
  return { ...asItIs, [path]: text }
}

const compose = (from: string | RegExp, to: string) => changed('docker-compose.yml', from, to)
const dockerfile = (from: string | RegExp, to: string) => changed('Dockerfile', from, to)

proveRule(confined, {
  allows: { 'a user by number': compose('user: mysql', 'user: "999:999"') },
  refuses: {
    root: compose('user: mysql', 'user: root'),
    'root by number': compose('user: "1000:1000"', 'user: "0:0"'),
    'nobody named': compose('    user: redis\n', ''),
    'a disk to write to': compose('read_only: true', 'read_only: false'),
    'a capability': compose('cap_drop: [ALL]', 'cap_drop: [NET_RAW]'),
    'new privileges': compose('no-new-privileges:true', 'no-new-privileges:false'),
    'memory without bound': compose('memory: 2G, ', ''),
    'a log without bound': compose('max-size: 10m, ', ''),
  },
})

proveRule(supervised, {
  allows: { 'a longer time to stop': compose('stop_grace_period: 30s', 'stop_grace_period: 60s') },
  refuses: {
    'a first process that hears nothing': compose('init: true', 'init: false'),
    'a service that stays down': compose('restart: unless-stopped', 'restart: on-failure'),
    'no health check': compose(/ {4}healthcheck:\n.*\n.*Whoever.*\n.*NOAUTH.*\n/, ''),
    'a restart for an outage of what is behind': compose(':4001/health', ':4001/ready'),
    'ten seconds to stop': compose('  stop_grace_period: 30s\n', ''),
  },
})

proveRule(imagesPinned, {
  allows: { 'a digest': compose('mariadb:10.11.19', `mariadb:10.11.19@sha256:${'0f'.repeat(32)}`) },
  refuses: {
    'a line of versions': compose('mariadb:10.11.19', 'mariadb:10.11'),
    'whatever is newest': compose('redis:7.0.15-bookworm', 'redis'),
    'another Node than the one of package.json': dockerfile('node:24.', 'node:22.'),
  },
})

proveRule(secretsByFile, {
  allows: {
    'another secret': compose('{ file: ./secrets/redis-url }', '{ file: "./secrets/redis-url" }'),
  },
  refuses: {
    'a password in the clear': compose(
      'FIRST_OPERATOR_PASSWORD_FILE: ',
      'FIRST_OPERATOR_PASSWORD: ',
    ),
    'a URL with its password': compose('REDIS_URL_FILE: /run/secrets/redis-url', 'REDIS_URL: a'),
    'a password of another program': compose('MARIADB_ROOT_PASSWORD_FILE', 'MARIADB_ROOT_PASSWORD'),
    'a secret that is not given': compose(', first-operator-password]', ']'),
    'a secret of others': compose(
      'secrets: [redis-url, service-secret]',
      'secrets: [redis-url, service-secret, operator-key]',
    ),
    'a file elsewhere': compose('./secrets/operator-key', './keys/operator-key'),
  },
})

proveRule(settingsKnown, {
  allows: { 'a setting': compose('HOST: 0.0.0.0', 'LOG_LEVEL: warn') },
  refuses: {
    'a word with a slip': compose('HOST: 0.0.0.0', 'HOTS: 0.0.0.0'),
    'a file for what is no secret': compose('HOST: 0.0.0.0', 'HOST_FILE: /run/secrets/host'),
  },
})

proveRule(volumesNamed, {
  allows: {
    'a second volume': compose(/\n {2}audit-heads: \{\}/, '\n  audit-heads: {}\n  more: {}'),
  },
  refuses: {
    'a volume without a name': compose('mariadb-data:/var/lib/mysql', '/var/lib/mysql'),
    'a folder of the machine': compose('mariadb-data:/var/lib/mysql', '/srv/mysql:/var/lib/mysql'),
    'a file of the project to be written': compose('dbsbm.cnf:ro', 'dbsbm.cnf'),
  },
})

proveRule(onlyGatewaysOutside, {
  allows: { 'another port of a gateway': compose(':4001:4000', ':4009:4000') },
  refuses: {
    'a port of MariaDB': compose('user: mysql', 'user: mysql\n    ports: ["3306:3306"]'),
    'a subgraph outside': compose('networks: [inside]', 'networks: [inside, outside]'),
    'a network that only seems internal': compose('internal: true', 'internal: false'),
  },
})

proveRule(imageHoldsLittle, {
  allows: { 'another user': dockerfile('USER 1000:1000', 'USER 10001:10001') },
  refuses: {
    root: dockerfile('USER 1000:1000', 'USER 0:0'),
    'a name that cannot be proved to be another’s': dockerfile('USER 1000:1000', 'USER node'),
    'a shell before node': dockerfile('CMD ["node", ', 'CMD ["npm", "run", '),
    'development packages': dockerfile(' --omit=dev', ''),
    'install scripts': dockerfile(' --ignore-scripts', ''),
    'a copy of what is not sent': dockerfile('COPY schema ./schema', 'COPY test ./test'),
    'a folder that nobody copies': changed('.dockerignore', '!schema', '!schema\n!test'),
    'everything sent': changed('.dockerignore', '*\n', ''),
    'secrets in git': changed('.gitignore', 'secrets/\n', ''),
  },
})

const { services } = parseCompose(asItIs['docker-compose.yml'] ?? '')
const ours = Object.entries(services).filter(([, service]) => isOurs(service))

/** The secrets of a cluster in a folder of their own. */
async function secretsFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-secrets-'))
  const made = await makeSecrets(folder, newSecrets(systemRandomness))
  return { folder, made, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

/** What each service of ours reads from its variables and secrets. */
const configsIn = (folder: string) =>
  new Map<string, Config>(
    ours.map(([name, service]) => [
      name,
      readConfig(environmentOf(service, folder), [], roleOf(service)),
    ]),
  )

test('every service reads its settings and secrets, and no more of them than it needs', async () => {
  await using secrets = await secretsFolder()
  const configs = configsIn(secrets.folder)
  expect([...configs.keys()]).toEqual(['gateway-1', 'gateway-2', ...SUBGRAPH_NAMES, 'migrate'])
  for (const [name, { mode, databaseUrls, operatorKey, firstOperator }] of configs) {
    const users = Object.values(databaseUrls).flatMap((url) => url && new URL(url).username)
    const own = SUBGRAPH_NAMES.filter((subgraph) => subgraph === name || name === 'migrate')
    const suffix = name === 'migrate' ? '_migrate' : ''
    expect(mode).toBe('cluster')
    expect(users.filter(Boolean)).toEqual(own.map((subgraph) => `dbsbm_${subgraph}${suffix}`))
    expect(operatorKey !== null).toBe(own.length > 0)
    expect(firstOperator !== null).toBe(name === 'identity')
  }
})

test('services find each other where they listen, and are asked there whether they live', async () => {
  await using secrets = await secretsFolder()
  for (const [name, { port, role, subgraphUrls }] of configsIn(secrets.folder)) {
    const urls = SUBGRAPH_NAMES.map((other) => `http://${other}:${defaultPort(other)}`)
    expect(Object.values(subgraphUrls).map((url) => url?.replace(/\/$/, ''))).toEqual(urls)
    expect(SUBGRAPH_NAMES.every((other) => services[other])).toBe(true)
    const asked = services[name]?.healthcheck?.test.at(-1)
    if (name !== 'migrate') expect(asked).toBe(`http://127.0.0.1:${port}/health`)
    for (const published of services[name]?.ports ?? []) expect(published).toMatch(/:4000$/)
    expect(port).toBe(defaultPort(role))
  }
})

test('whoever is told to stop has as long as its own bounds allow it', async () => {
  await using secrets = await secretsFolder()
  for (const [name, { gateway, role }] of configsIn(secrets.folder)) {
    if (name === 'migrate') continue
    const seconds = Number.parseInt(services[name]?.stop_grace_period ?? '', 10)
    const after = role === 'gateway' ? gateway.noticeMs / 1000 + 23 : 18
    expect(seconds).toBeGreaterThanOrEqual(gateway.drainMs / 1000 + after)
  }
})

test('secrets are made once: each other, readable in a closed folder, and never made anew', async () => {
  await using secrets = await secretsFolder()
  const { folder } = secrets
  const { secrets: named } = parseCompose(asItIs['docker-compose.yml'] ?? '')
  expect(secrets.made).toEqual(Object.keys(named))
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700')
  expect(((await stat(join(folder, 'operator-key'))).mode & 0o777).toString(8)).toBe('444')
  await rm(join(folder, 'service-secret'))
  const others = newSecrets(systemRandomness)
  expect(await makeSecrets(folder, others)).toEqual(['service-secret'])
  expect(new Set([...newSecrets(systemRandomness).values(), ...others.values()]).size).toBe(30)
  expect(parseOperatorKeys(others.get('operator-key') ?? '').newest.version).toBe(1)
})

test('what the image of MariaDB runs once is a program of its own, not a part of the image’s', async () => {
  const { mode } = await stat(new URL('../../docker/mariadb/databases.sh', import.meta.url))
  expect((mode & 0o111).toString(8)).toBe('111')
})

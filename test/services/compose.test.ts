import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  freePorts,
  openPlace,
  type Place,
  ROOT,
  type Running,
  run,
  start,
} from '../kit/compose-place.ts'
import { type Server, startMariadb, startRedis } from '../kit/compose-servers.ts'
import { openEventStream } from '../kit/live-clients.ts'

/** Ten programs start at the same time, on cores that others may use as well. */
const START_MS = 240_000

const stack = new AsyncDisposableStack()
let place: Place
let mariadb: Server
const running = new Map<string, Running>()

/** The health check of a service, run in the place of its container: its exit code, and what it said. */
async function check(name: string, path: '/health' | '/ready') {
  const words = place.service(name).healthcheck?.test.slice(1) ?? []
  const asked = place.startOurs(
    name,
    words.map((word) => word.replace('/health', path)),
  )
  return { code: await asked.ended, said: asked.said.output }
}

/** Stops what listens as Compose does, and takes notice of how it ended. */
async function stopAll() {
  for (const { child } of running.values()) child.kill('SIGTERM')
  const codes = [...running].map(async ([name, { ended }]) => [name, await ended] as const)
  return Object.fromEntries(await Promise.all(codes))
}

/** Everything that Compose starts before anybody may ask, in the order that it is told. */
beforeAll(async () => {
  place = stack.use(await openPlace())
  mariadb = stack.use(await startMariadb(place, place.ports.mariadb ?? 0))
  stack.use(await startRedis(place))
  stack.defer(async () => void (await stopAll()))
  const migration = place.startOurs('migrate')
  expect([await migration.ended, migration.said.output]).toEqual([
    0,
    expect.stringMatching(/^(\w+: at the newest schema\n){5}$/),
  ])
  for (const name of place.listening) running.set(name, place.startOurs(name))
}, START_MS)

afterAll(() => stack.disposeAsync(), START_MS)

type Answer = { data: Record<string, unknown> | null; errors?: { extensions: { code: string } }[] }

const urlOf = (gateway: string) => `http://127.0.0.1:${place.ports[gateway]}/graphql`

async function ask(gateway: string, body: object, token?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(urlOf(gateway), {
    method: 'POST',
    headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
    body: JSON.stringify(body),
  })
  return (await response.json()) as Answer
}

/** Makes a change, and answers what it made. */
async function change<Made>(
  name: string,
  given: { input: object; token?: string; select: string },
) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
  const query = `mutation Change($input: ${type}!) { ${name}(input: $input) { ${given.select} } }`
  const { data, errors } = await ask(
    'gateway-1',
    { query, variables: { input: given.input } },
    given.token,
  )
  expect(errors).toBeUndefined()
  return data?.[name] as Made
}

/** What a gateway says of itself; null before it listens. */
const readiness = (gateway: string) =>
  fetch(urlOf(gateway).replace('/graphql', '/ready')).then(
    (answer) => answer.json(),
    () => null,
  )

test('all is ready, says so to the health checks of the file, and nothing differs', {
  timeout: START_MS,
}, async () => {
  for (const name of ['gateway-1', 'gateway-2']) {
    await expect
      .poll(() => readiness(name), { timeout: START_MS, interval: 200 })
      .toMatchObject({ status: 'ready', reasons: {} })
    expect(await check(name, '/ready')).toMatchObject({ code: 0 })
  }
  for (const name of place.listening) {
    expect([name, await check(name, '/health')]).toMatchObject([name, { code: 0 }])
  }
})

test('a health check of what does not answer fails', async () => {
  const { port = 0 } = await freePorts(['port'])
  const asked = place.startOurs('ai', ['node', 'scripts/ask.ts', `http://localhost:${port}/health`])
  expect(await asked.ended).toBe(1)
  expect(asked.said.errors).toContain('fetch failed')
})

test('the first operator signs in at one gateway and is known at the other; renewed epochs refuse old cursors', {
  timeout: START_MS,
}, async () => {
  const { FIRST_OPERATOR_EMAIL: email = '' } = place.service('identity').environment ?? {}
  const password = (await readFile(join(place.secrets, 'first-operator-password'), 'utf8')).trim()
  const { accessToken: token } = await change<{ accessToken: string }>('signIn', {
    input: { email, password },
    select: 'accessToken',
  })
  expect((await ask('gateway-2', { query: '{ me { email } }' }, token)).data).toEqual({
    me: { email },
  })
  const { id } = await change<{ id: string }>('openTenant', {
    input: { code: 'first', name: 'First' },
    ...{ token, select: 'id' },
  })
  const query = `subscription { tenancyChanged(tenantId: "${id}") { type } }`
  const subscribe = (extensions = {}) =>
    openEventStream(urlOf('gateway-2'), { query, extensions }, { authorization: `Bearer ${token}` })
  await using stream = await subscribe()
  const flag = { tenantId: id, key: 'a.flag', isEnabled: true, description: 'A flag.' }
  await change('setFeatureFlag', { input: flag, token, select: 'key' })
  await expect
    .poll(() => stream.events, { timeout: 20_000 })
    .toMatchObject([{ data: { data: { tenancyChanged: { type: 'flag.set' } } } }])
  const renewal = place.startOurs('migrate', [
    'node',
    'subgraphs/main.ts',
    'renew-epochs',
    'tenancy',
  ])
  expect(await renewal.ended).toBe(0)
  expect(renewal.said.output).toMatch(/^tenancy: [1-9]\d* topics in a new epoch/)
  await stream.ended
  expect(stream.events[1]?.data).toMatchObject({
    errors: [{ extensions: { code: 'EVENTS_MISSED' } }],
  })
  await using resumed = await subscribe({ resume: stream.events[0]?.id })
  await resumed.ended
  expect(resumed.events[0]?.data).toMatchObject({
    errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }],
  })
})

/** What a user of the databases is told, over TCP as services are. */
async function tell(server: Server, user: { url: string; sql: string }) {
  const { username, password, pathname } = new URL(
    (await readFile(join(place.secrets, user.url), 'utf8')).trim(),
  )
  const asked = start({
    words: [
      'mariadb',
      '--protocol=tcp',
      `--user=${username}`,
      '-BN',
      '-e',
      user.sql,
      pathname.slice(1),
    ],
    env: { ...server.env, MYSQL_PWD: password },
  })
  return { code: await asked.ended, ...asked.said }
}

test('a dump of all five on a fresh server is the same, and who serves can change neither tables nor the audit log', {
  timeout: START_MS,
}, async () => {
  const url = 'database-url-compliance'
  const counted = { url, sql: 'SELECT count(*) > 0 FROM audit_logs' }
  await expect
    .poll(async () => (await tell(mariadb, counted)).output, { timeout: 20_000 })
    .toBe('1\n')
  const heads = ['--heads', join(place.folder, 'heads.jsonl')]
  const verified = place.startOurs('compliance', [
    'node',
    'subgraphs/main.ts',
    'verify-audit',
    ...heads,
  ])
  expect(await verified.ended).toBe(0)
  expect(verified.said.output).toContain('The audit log is as it was written.')
  const { port = 0 } = await freePorts(['port'])
  await using fresh = await startMariadb(place, port)
  const script = join(ROOT, 'docker/mariadb/dump.sh')
  await run({
    words: ['mariadb', '--user=root'],
    env: fresh.env,
    input: await run({ words: ['sh', script], env: mariadb.env }),
  })
  const sums = { url, sql: 'CHECKSUM TABLE audit_logs, person_keys, inbox, compliance_policies' }
  expect(await tell(fresh, sums)).toEqual(await tell(mariadb, sums))
  for (const [sql, refusal] of [
    ['DELETE FROM audit_logs', 'audit entries are only appended'],
    ['DROP TRIGGER audit_logs_no_delete', 'TRIGGER command denied'],
    ['DROP TABLE audit_logs', 'DROP command denied'],
    ['CREATE TABLE more (id INT)', 'CREATE command denied'],
    ['SELECT * FROM dbsbm_identity.users', 'SELECT command denied'],
  ] as const) {
    const { code, errors } = await tell(fresh, { url, sql })
    expect([sql, code, errors]).toEqual([sql, 1, expect.stringContaining(refusal)])
  }
})

test('told to stop, everything ends with exit code 0', { timeout: START_MS }, async () => {
  expect(await stopAll()).toEqual(Object.fromEntries(place.listening.map((name) => [name, 0])))
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClusterProcesses, FIRST_OPERATOR, makeCluster } from '../kit/cluster-processes.ts'
import {
  type EventStream,
  openEventStream,
  openSocketClient,
  type SocketClient,
} from '../kit/live-clients.ts'
import { type Caller, createCaller } from '../prove/kills-caller.ts'
import { until } from '../prove/until.ts'

/** Live streams of one person, half of them at each of two gateways, by both transports. */
const EACH = 50
const STREAMS = 4 * EACH
/** Far above what is wanted (a second): what is shown is the time, what is asserted that it happens. */
const LONGEST_MS = 15_000
const NEWS = 'subscription { securityEventHappened { eventType } }'
const PERSON = { email: 'watcher@dbsbm.example', password: 'a long enough password' }

let cluster: ClusterProcesses
let operator: Caller | undefined

/** One live stream: what it brought, and when and how it ended. */
type Live = { events: () => number; ended: Promise<{ at: number; why: string }>; close: () => void }

const now = () => performance.now()

function overSocket(url: string, token: string): Live {
  const socket: SocketClient = openSocketClient(`${url.replace('http', 'ws')}/graphql`, {
    authorization: `Bearer ${token}`,
  })
  const { results, ended } = socket.subscribe(NEWS)
  const closed = async () => {
    await ended
    const at = now()
    await until('the socket says how it closed', async () => socket.closed.length > 0)
    const [first] = socket.closed
    return { at, why: `${first?.code} ${first?.reason}` }
  }
  return { events: () => results.length, ended: closed(), close: socket[Symbol.dispose] }
}

async function overEventStream(url: string, token: string): Promise<Live> {
  const headers = { authorization: `Bearer ${token}` }
  const stream: EventStream = await openEventStream(`${url}/graphql`, { query: NEWS }, headers)
  type Told = { errors?: { extensions: { code: string } }[] } | null
  const codeOf = ({ data }: EventStream['events'][number]) =>
    (data as Told)?.errors?.[0]?.extensions.code
  const isNews = ({ event, data }: EventStream['events'][number]) =>
    event === 'next' && (data as Told)?.errors === undefined
  return {
    events: () => stream.events.filter(isNews).length,
    ended: stream.ended.then((how) => ({
      at: now(),
      why: `${how} ${stream.events.map(codeOf).findLast((code) => code !== undefined)}`,
    })),
    close: stream.cancel,
  }
}

async function openAll(token: string): Promise<Live[]> {
  const opened = cluster.gateways.flatMap(({ url }) =>
    Array.from({ length: EACH }, () => [overSocket(url, token), overEventStream(url, token)]),
  )
  return Promise.all(opened.flat())
}

async function changed(name: string, type: string, input: object): Promise<string> {
  const document = `mutation Change($input: ${type}!) { ${name}(input: $input) { id } }`
  if (!operator) throw new Error('nobody signed in')
  const { data, codes } = await operator.ask(document, { input })
  expect(codes).toEqual([])
  const made = data?.[name] as { id: string } | undefined
  return made?.id ?? ''
}

let news = 0
/** Something that every watcher of security events hears of. */
const stir = () =>
  changed('createRole', 'CreateRoleInput', { name: `news ${++news}`, permissions: ['odds:read'] })

const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

/** Opens the streams, sees that all of them live, ends their right, and sees how all of them end. */
async function expectAllEnded(what: string, end: (person: Caller) => Promise<unknown>) {
  await using person = createCaller(`${cluster.gateways[0]?.url}/graphql`, PERSON)
  const lives = await openAll(await person.signIn())
  await using control = createCaller(`${cluster.gateways[1]?.url}/graphql`, FIRST_OPERATOR)
  const witness = await overEventStream(cluster.gateways[1]?.url ?? '', await control.token())
  try {
    // Streams that have only begun miss what happened before: they are stirred until each has heard.
    await until(
      'all streams bring news',
      async () => {
        await stir()
        return lives.every(({ events }) => events() > 0)
      },
      120_000,
    )
    const startedAt = now()
    await end(person)
    const answeredAt = now()
    const ends = await Promise.all(lives.map(({ ended }) => ended))
    const heard = lives.map(({ events }) => events())
    const before = witness.events()
    await stir()
    await until('somebody else hears of it', async () => witness.events() > before)
    expect(lives.map(({ events }) => events())).toEqual(heard)
    expect([...new Set(ends.map(({ why }) => why))].sort()).toEqual([
      '4403 TOKEN_REVOKED',
      'complete TOKEN_REVOKED',
    ])
    const times = ends.map(({ at }) => at - startedAt).sort((one, other) => one - other)
    const last = times.at(-1) ?? Number.NaN
    process.stdout.write(
      `${what}: ${lives.length} streams at two gateways ended; milliseconds from the request: first ` +
        `${times[0]?.toFixed(0)}, median ${median(times).toFixed(0)}, last ${last.toFixed(0)}; ` +
        `it was answered after ${(answeredAt - startedAt).toFixed(0)}, the last ended ` +
        `${(last - (answeredAt - startedAt)).toFixed(0)} after that\n`,
    )
    expect(lives).toHaveLength(STREAMS)
    expect(last).toBeLessThan(LONGEST_MS)
  } finally {
    for (const { close } of [...lives, witness]) close()
  }
}

beforeAll(async () => {
  cluster = await makeCluster()
  // One after another: seven programs that start at once on two cores are late for each other.
  await Promise.all(Object.values(cluster.services).map((program) => program.start()))
  for (const gateway of cluster.gateways) await gateway.start()
  await cluster.untilReady()
  operator = createCaller(`${cluster.gateways[0]?.url}/graphql`, FIRST_OPERATOR)
}, 300_000)
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]()
  await cluster[Symbol.asyncDispose]()
}, 60_000)

test('a logout, a lost role, a lesser role and a ban end every live stream at every gateway', {
  timeout: 600_000,
}, async () => {
  const userId = await changed('createUser', 'CreateUserInput', PERSON)
  const permissions = ['security:read', 'odds:read']
  const roleId = await changed('createRole', 'CreateRoleInput', { name: 'watcher', permissions })
  const grant = () => changed('grantRole', 'GrantRoleInput', { userId, roleId })
  const userRoleId = await grant()

  await expectAllEnded('logout', (person) => person.ask('mutation { signOut(input: {}) { id } }'))
  await expectAllEnded('lost role', () => changed('revokeRole', 'RevokeRoleInput', { userRoleId }))
  await grant()
  await expectAllEnded('a right taken from the role', () =>
    changed('updateRole', 'UpdateRoleInput', { roleId, permissions: ['odds:read'] }),
  )
  await changed('updateRole', 'UpdateRoleInput', { roleId, permissions })
  await expectAllEnded('ban', () => changed('suspendUser', 'UserIdInput', { userId }))
})

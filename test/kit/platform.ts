import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalGateway, openLocalGateway } from '#gateway/local.ts'
import { readConfig } from '#kernel/config.ts'
import { createLog, type Logger } from '#kernel/log.ts'
import { plannerProcesses } from './planner-processes.ts'

/** What a client gets back. */
export type Answer = {
  data: Record<string, unknown> | null
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[]
  extensions?: Record<string, unknown>
  status: number
}

export type Ask = (
  query: string,
  variables?: object,
  options?: { headers?: Record<string, string>; operationName?: string },
) => Promise<Answer>

/** The whole platform as it runs embedded, in this process, on a data folder of its own. */
export type TestPlatform = AsyncDisposable & {
  local: LocalGateway
  url: string
  dataDir: string
  /** Lines that the platform logged. */
  logged: readonly string[]
  /** Asks as whoever holds the token. */
  with: (token: string | null) => Ask
  /** The same without a socket, for questions by the thousand. */
  direct: (token: string | null) => Ask
  /** Signs in and asks as that person, with the rights in a tenant or guild when named. */
  as: (account: Account) => Promise<Ask>
  /** The access token of a fresh sign-in. */
  tokenOf: (account: Account) => Promise<string>
}

export type Account = { email: string; password: string; tenantId?: string; guildId?: string }

const DOMAIN = 'example'

/** The people of the demo world. */
export const PEOPLE = {
  operator: { email: `operator@dbsbm.${DOMAIN}`, password: 'demo-operator' },
  acmeAdmin: { email: `admin@acme.${DOMAIN}`, password: 'demo-admin', tenantId: '1' },
  acmeAnalyst: { email: `analyst@acme.${DOMAIN}`, password: 'demo-analyst', tenantId: '1' },
  acmeMember: {
    email: `member@acme.${DOMAIN}`,
    password: 'demo-member',
    guildId: '81384788765712384',
  },
  acmeOfficer: { email: `officer@acme.${DOMAIN}`, password: 'demo-officer', tenantId: '1' },
  globexAdmin: { email: `admin@globex.${DOMAIN}`, password: 'demo-globex', tenantId: '2' },
} as const satisfies Record<string, Account>

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken }
}`

export type PlatformTestOptions = {
  /** Settings on top of an embedded run without a feed. */
  env?: Record<string, string>
  /** Keeps this folder instead of a fresh one. */
  dataDir?: string
}

type Send = (request: Request) => Promise<Response>

const overHttp: Send = (request) => fetch(request)

function createAsk(url: string, token: string | null, send = overHttp): Ask {
  return async (query, variables = {}, { headers = {}, operationName } = {}) => {
    const request = new Request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
    })
    const response = await send(request)
    return { ...((await response.json()) as Omit<Answer, 'status'>), status: response.status }
  }
}

function createListeningLog(): { log: Logger; logged: string[] } {
  const logged: string[] = []
  const destination = { write: (line: string) => void logged.push(line) }
  return { logged, log: createLog({ level: 'debug', name: 'test', destination }) }
}

/** In which shape the tests of this run have the platform: `cluster`, or embedded. */
const SHAPE = process.env.DBSBM_TEST_SHAPE

/** Loaded when wanted: MariaDB and Redis are nobody's business in the embedded shape. */
async function openShape(env: Record<string, string>, log: Logger): Promise<LocalGateway> {
  if (SHAPE !== 'cluster') return openLocalGateway(readConfig(env), log, plannerProcesses)
  const { openClusterPlatform } = await import('./cluster-platform.ts')
  return openClusterPlatform(env, log)
}

/** A machine at work must not make the deadline of a plan. */
const PATIENT = { GATEWAY_PLANNING_SECONDS: '30' }

/** Starts the platform on a free port, in the shape of this run: the same tests are for both. */
export async function startPlatform(options: PlatformTestOptions = {}): Promise<TestPlatform> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'dbsbm-test-')))
  const env = { DATA_DIR: dataDir, PORT: '0', ODDS_FEED: 'none', ...PATIENT, ...options.env }
  const { log, logged } = createListeningLog()
  const local = await openShape(env, log)
  const listening = await local.listen(0, '127.0.0.1')
  const url = `${listening.url}/graphql`
  const tokenOf = async (account: Account) => {
    const { data, errors } = await createAsk(url, null)(SIGN_IN, { input: account })
    if (errors) throw new Error(`sign-in was refused: ${JSON.stringify(errors)}`)
    return (data as { signIn: { accessToken: string } }).signIn.accessToken
  }
  return {
    local,
    url,
    dataDir,
    logged,
    tokenOf,
    with: (token) => createAsk(url, token),
    direct: (token) => createAsk(url, token, local.fetch),
    as: async (account) => createAsk(url, await tokenOf(account)),
    [Symbol.asyncDispose]: async () => {
      await local.close()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

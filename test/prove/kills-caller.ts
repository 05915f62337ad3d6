import { Agent, fetch } from 'undici'

export type Account = {
  email: string
  password: string
  tenantId?: string
  guildId?: string
}

/** What the platform said to one mutation or query. */
export type Said = { data: Record<string, unknown> | null; codes: readonly string[] }

/** One person with a connection of their own. */
export type Caller = AsyncDisposable & {
  /** An access token that still lasts a while; waits for a platform that is down. */
  token: () => Promise<string>
  /**
   * Asks again and again, with the same body, until an answer comes: a cut line is none, nor is being
   * told to come back later.
   */
  ask: (query: string, variables?: object) => Promise<Said>
  /** How often it asked again, by why. */
  repeats: ReadonlyMap<string, number>
}

const SIGN_IN = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { accessToken } }'
/** Access tokens live five minutes. */
const TOKEN_KEPT_MS = 240_000
const COME_BACK_MS = 50
const LONGEST_MS = 900_000
const ANSWER_MS = 150_000

/** Refusals that say nothing of what was asked: the next try may be answered. */
const LATER: ReadonlySet<string> = new Set([
  ...['COMPLIANCE_UNAVAILABLE', 'DATABASE_BUSY', 'IDENTITY_UNREACHABLE', 'PASSWORDS_BUSY'],
  // A fault of the platform, counted with the others: whoever gets it asks again like anybody.
  'INTERNAL_SERVER_ERROR',
  ...['REQUEST_TIMEOUT', 'SUBGRAPH_TIMEOUT', 'SUBGRAPH_UNREACHABLE', 'SERVICE_DRAINING'],
])
const SIGN_IN_AGAIN: ReadonlySet<string> = new Set(['TOKEN_INVALID', 'TOKEN_EXPIRED'])

type Answer = {
  data?: Record<string, unknown> | null
  errors?: { extensions?: { code?: string } }[]
}

type Posted = { query: string; variables: object; token: string | null }

/** Null: no answer came. */
async function post(url: string, agent: Agent, posted: Posted): Promise<Said | null> {
  const { query, variables, token } = posted
  try {
    const response = await fetch(url, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const { data = null, errors = [] } = (await response.json()) as Answer
    return { data, codes: errors.map(({ extensions }) => extensions?.code ?? 'none') }
  } catch (failure) {
    if (failure instanceof Error) return null
    throw failure
  }
}

const pause = () => new Promise<void>((done) => setTimeout(done, COME_BACK_MS))

/** A caller at a platform that may be killed at any moment. */
export function createCaller(url: string, account: Account): Caller {
  const agent = new Agent({ connections: 1, pipelining: 1 })
  const repeats = new Map<string, number>()
  let known: { token: string; at: number } | null = null
  let signingIn: Promise<string> | null = null

  const untilAnswered = async (toPosted: () => Promise<Posted>): Promise<Said> => {
    const began = performance.now()
    for (;;) {
      const said = await post(url, agent, await toPosted())
      const [code = null] = said?.codes ?? ['NO_ANSWER']
      const isToRepeat = code !== null && (!said || LATER.has(code) || SIGN_IN_AGAIN.has(code))
      if (said && !isToRepeat) return said
      if (code !== null && SIGN_IN_AGAIN.has(code)) known = null
      repeats.set(String(code), (repeats.get(String(code)) ?? 0) + 1)
      if (performance.now() - began > LONGEST_MS) throw new Error(`no answer, at last ${code}`)
      await pause()
    }
  }
  const signIn = async (): Promise<string> => {
    const variables = { input: account }
    const said = await untilAnswered(async () => ({ query: SIGN_IN, variables, token: null }))
    const signedIn = said.data?.signIn as { accessToken: string } | null | undefined
    if (!signedIn) throw new Error(`${account.email} was not let in: ${said.codes.join()}`)
    known = { token: signedIn.accessToken, at: performance.now() }
    return known.token
  }
  /** Many may ask for a token at once: one sign-in is enough for all of them. */
  const token = async (): Promise<string> => {
    if (known && performance.now() - known.at < TOKEN_KEPT_MS) return known.token
    signingIn ??= signIn().finally(() => {
      signingIn = null
    })
    return signingIn
  }
  return {
    token,
    ask: (query, variables = {}) =>
      untilAnswered(async () => ({ query, variables, token: await token() })),
    repeats,
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

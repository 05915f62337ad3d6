import { Agent, fetch } from 'undici'

export type Account = {
  email: string
  password: string
  tenantId?: string
  guildId?: string
}

/** What the platform said to one mutation or query. */
export type Said = { data: Record<string, unknown> | null; codes: readonly string[] }

export type AskedKind = 'query' | 'mutation' | 'sign-in'

/** One question, from its first try to its answer. */
export type Asked = {
  kind: AskedKind
  /** Milliseconds of the clock. */
  startedAt: number
  /** Until it was answered, or nobody waited any longer. */
  milliseconds: number
  isAnswered: boolean
  /** Why each try before the last was none. */
  refusals: readonly string[]
}

export type CallerOptions = {
  /** Milliseconds until the next try, by how many there were. */
  comeBackMs?: (tries: number) => number
  /** How long one try may take. */
  answerMs?: number
  /** How long it asks again and again. */
  longestMs?: number
  onAsked?: (asked: Asked) => void
}

/** One person with a connection of their own. */
export type Caller = AsyncDisposable & {
  /** An access token that still lasts a while; waits for a platform that is down. */
  token: () => Promise<string>
  /** Signs in anew; waits as `token` does. */
  signIn: () => Promise<string>
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
  ...['COMPLIANCE_UNAVAILABLE', 'IDENTITY_UNREACHABLE', 'PASSWORDS_BUSY'],
  // Whoever has a key may ask again though the outcome is unknown.
  ...['DATABASE_BUSY', 'DATABASE_UNREACHABLE', 'DATABASE_OUTCOME_UNKNOWN'],
  // Faults of the platform, counted with the others: whoever gets one asks again like anybody.
  ...['INTERNAL_SERVER_ERROR', 'SERVICE_ANSWER_INVALID', 'SUBGRAPH_ANSWER_INVALID'],
  ...['REQUEST_TIMEOUT', 'SUBGRAPH_TIMEOUT', 'SUBGRAPH_UNREACHABLE'],
  ...['SERVICE_DRAINING', 'SERVICE_STARTING', 'SERVICE_TIMEOUT', 'SERVICE_UNREACHABLE'],
])
const SIGN_IN_AGAIN: ReadonlySet<string> = new Set(['TOKEN_INVALID', 'TOKEN_EXPIRED'])

const isToRepeat = (code: string) => LATER.has(code) || SIGN_IN_AGAIN.has(code)

type Answer = {
  data?: Record<string, unknown> | null
  errors?: { extensions?: { code?: string } }[]
}

type Posted = { query: string; variables: object; token: string | null }
/** Where to; `left` ends when the caller asks no more. */
type Way = { url: string; agent: Agent; answerMs: number; left: AbortSignal }

/** Null: no answer came. */
async function post({ url, agent, answerMs }: Way, posted: Posted): Promise<Said | null> {
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
      signal: AbortSignal.timeout(answerMs),
    })
    const { data = null, errors = [] } = (await response.json()) as Answer
    return { data, codes: errors.map(({ extensions }) => extensions?.code ?? 'none') }
  } catch (failure) {
    if (failure instanceof Error) return null
    throw failure
  }
}

const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds))

/** What is to be asked: written anew for each try, since its token may be another. */
type Question = { kind: AskedKind; posted: () => Promise<Posted>; refused: (code: string) => void }

function createAsking(way: Way, options: CallerOptions) {
  const { comeBackMs = () => COME_BACK_MS, longestMs = LONGEST_MS, onAsked } = options
  return async ({ kind, posted, refused }: Question): Promise<Said> => {
    const refusals: string[] = []
    const [startedAt, began] = [Date.now(), performance.now()]
    const tell = (isAnswered: boolean) => {
      const milliseconds = performance.now() - began
      onAsked?.({ kind, startedAt, milliseconds, isAnswered, refusals })
    }
    for (;;) {
      const said = await post(way, await posted())
      const code = said ? said.codes.find(isToRepeat) : 'NO_ANSWER'
      if (said && code === undefined) {
        tell(true)
        return said
      }
      refusals.push(String(code))
      refused(String(code))
      if (performance.now() - began > longestMs || way.left.aborted) {
        tell(false)
        throw new Error(`no answer, at last ${code}`)
      }
      await pause(comeBackMs(refusals.length))
    }
  }
}

/** A caller at a platform that may be killed at any moment. */
export function createCaller(url: string, account: Account, options: CallerOptions = {}): Caller {
  const agent = new Agent({ connections: 1, pipelining: 1 })
  const repeats = new Map<string, number>()
  let known: { token: string; at: number } | null = null
  let signingIn: Promise<string> | null = null

  const leaving = new AbortController()
  const { answerMs = ANSWER_MS } = options
  const untilAnswered = createAsking({ url, agent, answerMs, left: leaving.signal }, options)
  const refused = (code: string) => {
    if (SIGN_IN_AGAIN.has(code)) known = null
    repeats.set(code, (repeats.get(code) ?? 0) + 1)
  }
  const signIn = async (): Promise<string> => {
    const posted = async () => ({ query: SIGN_IN, variables: { input: account }, token: null })
    const said = await untilAnswered({ kind: 'sign-in', posted, refused })
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
    signIn,
    ask: (query, variables = {}) => {
      const posted = async () => ({ query, variables, token: await token() })
      const kind = query.startsWith('mutation') ? 'mutation' : 'query'
      return untilAnswered({ kind, posted, refused })
    },
    repeats,
    [Symbol.asyncDispose]: () => {
      leaving.abort()
      return agent.destroy()
    },
  }
}

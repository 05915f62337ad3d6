/** How a client reaches a gateway, and who asks. */
export type Way = {
  /** Where HTTP is asked. */
  endpoint: string
  /** Where WebSockets are opened. */
  websocket: string
  /** The access token of the moment; a client asks anew whenever it connects. */
  token: () => Promise<string | null>
}

/** What came of an operation, in the words that all clients share. */
export type Outcome = {
  data: unknown
  /** The codes of the errors that the client was told of. */
  codes: unknown[]
}

/** A subscription as its subscriber sees it. */
export type Followed = {
  outcomes: Outcome[]
  /** Resolves when the client says that it is over: with codes if it failed, else with none. */
  ended: Promise<unknown[]>
  stop: () => void
}

/** A client as its users use it. */
export type RealClient = Disposable & {
  query: (text: string) => Promise<Outcome>
  mutate: (text: string) => Promise<Outcome>
  follow: (text: string) => Followed
  /** Codes with which its WebSockets were closed, in order. */
  closed: number[]
}

/** Opens one client of one kind. */
export type OpenClient = (way: Way) => RealClient

type Coded = { extensions?: { code?: unknown } | undefined }

/** The codes of GraphQL errors, wherever a client keeps them. */
export function codesOf(errors: unknown): unknown[] {
  if (!Array.isArray(errors)) return []
  return errors.map(({ extensions }: Coded) => extensions?.code ?? null)
}

/** The codes of what a client calls a failure: a list of GraphQL errors, or what broke elsewhere. */
export function codesOfFailure(failure: unknown): unknown[] {
  return failure instanceof Error ? [failure.message] : codesOf(failure)
}

/** A result of GraphQL, as most clients hand it over. */
export function outcomeOf(result: { data?: unknown; errors?: unknown }): Outcome {
  return { data: result.data ?? null, codes: codesOf(result.errors) }
}

type Sink = {
  next: (outcome: Outcome) => void
  end: (codes: unknown[]) => void
}

/** Notes what a subscription brings. */
export function followed(subscribe: (sink: Sink) => () => void): Followed {
  const outcomes: Outcome[] = []
  const { promise, resolve } = Promise.withResolvers<unknown[]>()
  const stop = subscribe({ next: (outcome) => void outcomes.push(outcome), end: resolve })
  return { outcomes, ended: promise, stop }
}

/** Of an operation that is answered once: its answer, or the failure that came in its place. */
export async function onlyOutcome({ outcomes, ended }: Followed): Promise<Outcome> {
  const codes = await ended
  return outcomes[0] ?? { data: null, codes }
}

/** A moment that no test feels, in place of the seconds that clients wait by themselves. */
export const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

/** The headers of a request of the moment. */
export async function headersOf({ token }: Way): Promise<Record<string, string>> {
  const known = await token()
  return known === null ? {} : { authorization: `Bearer ${known}` }
}

import {
  Client,
  type ExecutionResult,
  fetchExchange,
  type OperationResult,
  type SubscriptionForwarder,
  subscriptionExchange,
} from 'urql'
import { openResumingEvents } from './graphql-sse.ts'
import { openResumingSocket } from './graphql-ws.ts'
import {
  codesOf,
  followed,
  headersOf,
  type OpenClient,
  type Outcome,
  type RealClient,
  type Way,
} from './real-client.ts'

type Live = { forward: SubscriptionForwarder; dispose: () => void; closed: number[] }

/** `urql` with subscriptions over graphql-ws. */
export const openUrqlOverSocket: OpenClient = (way) => {
  const closed: number[] = []
  const socket = openResumingSocket(way, closed)
  const forward: SubscriptionForwarder = ({ query = '', variables = {} }) => ({
    subscribe: (sink) => ({
      unsubscribe: socket.subscribe(
        { query, variables },
        { ...sink, next: (result) => sink.next(result as ExecutionResult) },
      ),
    }),
  })
  return openUrql(way, { forward, closed, dispose: () => void socket.dispose() })
}

/** `urql` with subscriptions over graphql-sse. */
export const openUrqlOverEvents: OpenClient = (way) => {
  const events = openResumingEvents(way)
  const forward: SubscriptionForwarder = ({ query = '', variables = {} }) => ({
    subscribe: (sink) => ({
      unsubscribe: events.subscribe(
        { query, variables },
        { ...sink, next: (result) => sink.next(result as ExecutionResult) },
      ),
    }),
  })
  return openUrql(way, { forward, closed: [], dispose: () => events.dispose() })
}

function openUrql(way: Way, { forward, closed, dispose }: Live): RealClient {
  const client = new Client({
    url: way.endpoint,
    exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: forward })],
    preferGetMethod: false,
    fetch: authorisedFetch(way),
  })
  return {
    ...answering(client),
    follow: (text) =>
      followed(({ next, end }) => {
        const { unsubscribe } = client.subscription(text, {}).subscribe((result) => {
          if (result.hasNext) return next(outcomeOf(result))
          end(failureOf(result))
        })
        return unsubscribe
      }),
    closed,
    [Symbol.dispose]: dispose,
  }
}

/** What `urql` does for operations that are answered once. */
export function answering(client: Client): Pick<RealClient, 'query' | 'mutate'> {
  return {
    query: async (text) => outcomeOf(await client.query(text, {}).toPromise()),
    mutate: async (text) => outcomeOf(await client.mutation(text, {}).toPromise()),
  }
}

/** A result in the words of all clients. */
export function outcomeOf({ data, error }: OperationResult): Outcome {
  return { data: data ?? null, codes: error ? codesOf(error.graphQLErrors) : [] }
}

/** When a stream is over its last result comes once more, if no failure comes in its place. */
export function failureOf({ error }: OperationResult): unknown[] {
  return error?.networkError ? [error.networkError.message] : []
}

/** The `fetch` of whoever the token speaks of; that of `urql` awaits no headers. */
export function authorisedFetch(way: Way): typeof fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers)
    for (const [name, value] of Object.entries(await headersOf(way))) headers.set(name, value)
    return fetch(url, { ...init, headers })
  }
}

import type { Client } from 'graphql-ws'
import {
  commitMutation,
  Environment,
  type FetchFunction,
  fetchQuery,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
  type SubscribeFunction,
} from 'relay-runtime'
import { openResumingSocket } from './graphql-ws.ts'
import {
  codesOf,
  codesOfFailure,
  followed,
  headersOf,
  type OpenClient,
  type Outcome,
  type Way,
} from './real-client.ts'
import { artifactOf } from './relay-artifact.ts'

/** What the compiler of Relay was shown of the readers' world. */
const API = `
  type Query { me: Reader secret: String }
  type Mutation { rename(name: String!): Reader }
  type Subscription { ticks: Reader secretTicks: Reader }
  type Reader { id: ID! name: String books: [String!] }
`

const asking =
  (way: Way): FetchFunction =>
  async ({ text }, variables) => {
    const response = await fetch(way.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await headersOf(way)) },
      body: JSON.stringify({ query: text, variables }),
    })
    return (await response.json()) as GraphQLResponse
  }

const subscribing =
  (socket: Client): SubscribeFunction =>
  ({ text }, variables) =>
    Observable.create<GraphQLResponse>((sink) =>
      socket.subscribe(
        { query: text ?? '', variables },
        {
          next: (result) => sink.next(result as GraphQLResponse),
          error: (failure) => sink.error(asError(failure)),
          complete: () => sink.complete(),
        },
      ),
    )

/** Relay wants an error; a refusal over a socket is the list of what is wrong. */
function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error('Refused.', { cause: failure })
}

/** `relay-runtime` with a network of fetch and graphql-ws. */
export const openRelay: OpenClient = (way) => {
  const closed: number[] = []
  const socket = openResumingSocket(way, closed)
  const environment = new Environment({
    network: Network.create(asking(way), subscribing(socket)),
    store: new Store(new RecordSource()),
  })
  return {
    query: (text) => asked(environment, text),
    mutate: (text) => changed(environment, text),
    follow: (text) =>
      followed(({ next, end }) => {
        const { dispose } = requestSubscription(environment, {
          ...{ subscription: artifactOf(text, API), variables: {} },
          onNext: (data) => next({ data: data ?? null, codes: [] }),
          onError: (failure) => end(codesIn(failure)),
          onCompleted: () => end([]),
        })
        return dispose
      }),
    closed,
    [Symbol.dispose]: () => void socket.dispose(),
  }
}

function asked(environment: Environment, text: string): Promise<Outcome> {
  return fetchQuery(environment, artifactOf(text, API), {})
    .toPromise()
    .then(
      (data) => ({ data: data ?? null, codes: [] }),
      (failure: Error) => ({ data: null, codes: codesIn(failure) }),
    )
}

function changed(environment: Environment, text: string): Promise<Outcome> {
  return new Promise((resolve) => {
    commitMutation(environment, {
      ...{ mutation: artifactOf(text, API), variables: {} },
      onCompleted: (data, errors) => resolve({ data, codes: codesOf(errors) }),
      onError: (failure) => resolve({ data: null, codes: codesIn(failure) }),
    })
  })
}

/** Relay keeps the errors of an answer without data as the source of its own. */
function codesIn(failure: Error): unknown[] {
  if (Array.isArray(failure.cause)) return codesOf(failure.cause)
  if (!('source' in failure)) return codesOfFailure(failure)
  return codesOf((failure.source as { errors?: unknown }).errors)
}

import { type Client, createClient, NetworkError } from 'graphql-sse'
import {
  codesOfFailure,
  followed,
  headersOf,
  type OpenClient,
  onlyOutcome,
  outcomeOf,
  soon,
  type Way,
} from './real-client.ts'
import { COMES_BACK, resuming } from './resuming.ts'

/** A client of graphql-sse that comes back, with the token of the moment, where it was. */
export function openResumingEvents(way: Way): Client {
  const client = createClient({
    url: way.endpoint,
    headers: () => headersOf(way),
    retryAttempts: Number.POSITIVE_INFINITY,
    on: {
      message({ data }) {
        const code = data?.errors?.[0]?.extensions.code
        // An error of the network ends this try alone; the client makes another.
        if (COMES_BACK.test(String(code))) throw new NetworkError(String(code))
      },
    },
    retry: soon,
  })
  return { ...client, subscribe: resuming(client.subscribe) }
}

/** `graphql-sse` alone: every operation is answered by an event stream. */
export const openGraphqlSse: OpenClient = (way) => {
  const client = openResumingEvents(way)
  const follow = (query: string) =>
    followed(({ next, end }) =>
      client.subscribe(
        { query },
        {
          next: (result) => next(outcomeOf(result)),
          error: (failure) => end(codesOfFailure(failure)),
          complete: () => end([]),
        },
      ),
    )
  const ask = (query: string) => onlyOutcome(follow(query))
  return {
    ...{ query: ask, mutate: ask, follow, closed: [] },
    [Symbol.dispose]: () => client.dispose(),
  }
}

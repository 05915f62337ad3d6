import { type Client, createClient } from 'graphql-ws'
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
import { resuming } from './resuming.ts'

/** A client of graphql-ws that comes back, with the token of the moment, where it was. */
export function openResumingSocket(way: Way, closed: number[] = []): Client {
  const client = createClient({
    url: way.websocket,
    connectionParams: () => headersOf(way),
    // What breaks on the way is an event; an error is one's own: there is no new token.
    shouldRetry: (failure) => failure instanceof Event,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: soon,
    on: { closed: (event) => void closed.push(codeOf(event)) },
  })
  return { ...client, subscribe: resuming(client.subscribe) }
}

function codeOf(event: unknown): number {
  if (!(event instanceof CloseEvent)) throw new Error(`Closed by no event: ${String(event)}`)
  return event.code
}

/** `graphql-ws` alone: all operations travel over the socket. */
export const openGraphqlWs: OpenClient = (way) => {
  const closed: number[] = []
  const client = openResumingSocket(way, closed)
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
    ...{ query: ask, mutate: ask, follow, closed },
    [Symbol.dispose]: () => void client.dispose(),
  }
}

import { Client, type CombinedError, fetchExchange, type OperationResult } from 'urql'
import { followed, type OpenClient, soon } from './real-client.ts'
import { COMES_BACK } from './resuming.ts'
import { answering, authorisedFetch, failureOf, outcomeOf } from './urql.ts'

/** What breaks on the way is a type error of `fetch`; any other is our own. */
const isPassing = ({ networkError, graphQLErrors: [first] }: CombinedError) =>
  networkError instanceof TypeError || COMES_BACK.test(String(first?.extensions.code))

type Told = { next: (result: OperationResult) => void; end: (last: OperationResult) => void }

/** Subscribes, and whenever that ends for a passing reason does so again after the last event. */
function subscribeAgain(client: Client, text: string, { next, end }: Told): () => void {
  const headers: Record<string, string> = {}
  let isStopped = false
  let stop = () => {}
  const subscribe = () => {
    if (isStopped) return
    const source = client.subscription(text, {}, { fetchOptions: { headers: { ...headers } } })
    stop = source.subscribe((result) => {
      if (result.error && isPassing(result.error)) {
        if (!result.hasNext) void soon().then(subscribe)
        return
      }
      if (!result.hasNext) return end(result)
      headers['last-event-id'] = result.extensions?.cursor
      next(result)
    }).unsubscribe
  }
  subscribe()
  return () => {
    isStopped = true
    stop()
  }
}

/** `urql` alone, whose own fetch understands event streams and does not come back by itself. */
export const openUrqlOverFetch: OpenClient = (way) => {
  const client = new Client({
    url: way.endpoint,
    exchanges: [fetchExchange],
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetch: authorisedFetch(way),
  })
  return {
    ...answering(client),
    follow: (text) =>
      followed(({ next, end }) =>
        subscribeAgain(client, text, {
          next: (result) => next(outcomeOf(result)),
          end: (last) => end(failureOf(last)),
        }),
      ),
    closed: [],
    [Symbol.dispose]: () => undefined,
  }
}

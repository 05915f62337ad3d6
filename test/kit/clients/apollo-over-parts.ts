import { ApolloLink, HttpLink, Observable } from '@apollo/client'
import { CombinedProtocolErrors } from '@apollo/client/errors'
import { RetryLink } from '@apollo/client/link/retry'
import { authorising, usingApollo } from './apollo.ts'
import type { OpenClient } from './real-client.ts'
import { COMES_BACK } from './resuming.ts'

/** Tries again where the way broke or a stream's last word asks for it. */
const retrying = new RetryLink({
  attempts: {
    max: Number.POSITIVE_INFINITY,
    retryIf: (failure) =>
      CombinedProtocolErrors.is(failure)
        ? COMES_BACK.test(String(failure.errors[0]?.extensions?.code))
        : failure instanceof TypeError,
  },
  delay: { initial: 20, max: 20, jitter: false },
})

/** Lets each try of an operation begin after the last event that it brought. */
const noting = new ApolloLink(
  (operation, forward) =>
    new Observable((observer) =>
      forward(operation).subscribe({
        next(result) {
          operation.extensions.resume = result.extensions?.cursor ?? operation.extensions.resume
          observer.next(result)
        },
        error: (failure) => observer.error(failure),
        complete: () => observer.complete(),
      }),
    ),
)

/** `@apollo/client` over HTTP alone, its subscriptions in parts. */
export const openApolloOverParts: OpenClient = (way) => {
  const http = new HttpLink({ uri: way.endpoint, includeExtensions: true })
  const link = ApolloLink.from([retrying, noting, authorising(way), http])
  return usingApollo(link, { closed: [], close: () => undefined })
}

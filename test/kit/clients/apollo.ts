import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { CombinedGraphQLErrors, CombinedProtocolErrors } from '@apollo/client/errors'
import { SetContextLink } from '@apollo/client/link/context'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { openResumingSocket } from './graphql-ws.ts'
import {
  codesOf,
  codesOfFailure,
  followed,
  headersOf,
  type OpenClient,
  type Outcome,
  type RealClient,
  type Way,
} from './real-client.ts'

/** Subscriptions over a socket, all else over HTTP. */
function linkOf(way: Way, closed: number[]) {
  const socket = openResumingSocket(way, closed)
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    authorising(way).concat(new HttpLink({ uri: way.endpoint })),
  )
  return { socket, link }
}

/** Says who asks, anew with each try. */
export function authorising(way: Way): ApolloLink {
  return new SetContextLink(async () => ({ headers: await headersOf(way) }))
}

/** `@apollo/client` over graphql-ws. */
export const openApollo: OpenClient = (way) => {
  const closed: number[] = []
  const { socket, link } = linkOf(way, closed)
  return usingApollo(link, { closed, close: () => void socket.dispose() })
}

/** What Apollo Client does over any link. */
export function usingApollo(
  link: ApolloLink,
  { closed, close }: { closed: number[]; close: () => void },
): RealClient {
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const all = { errorPolicy: 'all' } as const
  return {
    query: async (text) => outcomeOf(await client.query({ query: gql(text), ...all })),
    mutate: async (text) => outcomeOf(await client.mutate({ mutation: gql(text), ...all })),
    follow: (text) =>
      followed(({ next, end }) => {
        const subscription = client.subscribe({ query: gql(text), ...all }).subscribe({
          next: (result) => next(outcomeOf(result)),
          error: (failure) => end(codesIn(failure)),
          complete: () => end([]),
        })
        return () => subscription.unsubscribe()
      }),
    closed,
    [Symbol.dispose]() {
      client.stop()
      close()
    },
  }
}

function outcomeOf({ data, error }: { data?: unknown; error?: unknown }): Outcome {
  return { data: data ?? null, codes: error ? codesIn(error) : [] }
}

function codesIn(failure: unknown): unknown[] {
  const isCoded = CombinedGraphQLErrors.is(failure) || CombinedProtocolErrors.is(failure)
  return isCoded ? codesOf(failure.errors) : codesOfFailure(failure)
}

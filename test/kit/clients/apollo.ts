import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { CombinedGraphQLErrors } from '@apollo/client/errors'
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
  type Way,
} from './real-client.ts'

/** Subscriptions over a socket, all else over HTTP. */
function linkOf(way: Way, closed: number[]) {
  const socket = openResumingSocket(way, closed)
  const authorised = new SetContextLink(async () => ({ headers: await headersOf(way) }))
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    authorised.concat(new HttpLink({ uri: way.endpoint })),
  )
  return { socket, link }
}

/** `@apollo/client` over graphql-ws. */
export const openApollo: OpenClient = (way) => {
  const closed: number[] = []
  const { socket, link } = linkOf(way, closed)
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
      void socket.dispose()
    },
  }
}

function outcomeOf({ data, error }: { data?: unknown; error?: unknown }): Outcome {
  return { data: data ?? null, codes: error ? codesIn(error) : [] }
}

function codesIn(failure: unknown): unknown[] {
  return CombinedGraphQLErrors.is(failure) ? codesOf(failure.errors) : codesOfFailure(failure)
}

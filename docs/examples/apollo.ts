import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'

const uri = process.env.DBSBM_URL ?? 'http://127.0.0.1:4000/graphql'
let authorization = ''

const authorising = new SetContextLink(({ headers }) => ({
  headers: { ...headers, ...(authorization && { authorization }) },
}))
const socket = createClient({
  url: uri.replace(/^http/, 'ws'),
  connectionParams: () => ({ authorization }),
})
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    authorising.concat(new HttpLink({ uri })),
  ),
})

const { data } = await client.mutate<{ signIn: { accessToken: string } }>({
  mutation: gql`
    mutation SignIn($input: SignInInput!) {
      signIn(input: $input) {
        accessToken
      }
    }
  `,
  variables: { input: { email: 'analyst@acme.example', password: 'demo-analyst', tenantId: '1' } },
})
authorization = `Bearer ${data?.signIn.accessToken}`

const answer = await client.query<{ fixtures: { edges: { node: { home: string } }[] } }>({
  query: gql`
    {
      fixtures(first: 3) {
        edges {
          node {
            id
            home
          }
        }
      }
    }
  `,
})
console.log(answer.data?.fixtures.edges.map(({ node }) => node.home).join(', '))

const prices = client.subscribe<{ oddsChanged: { odds: number } }>({
  query: gql`
    subscription {
      oddsChanged {
        odds
      }
    }
  `,
})
const first = await new Promise((resolve) => prices.subscribe(resolve))
console.log(
  `now at ${(first as { data: { oddsChanged: { odds: number } } }).data.oddsChanged.odds}`,
)
client.stop()
await socket.dispose()

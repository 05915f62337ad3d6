import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { type LocalServer, startHttpServer } from './http-server.ts'

type Resolvers = NonNullable<
  Exclude<Parameters<typeof buildSubgraphSchema>[0], unknown[]> extends { resolvers?: infer Map }
    ? Map
    : never
>

/** A subgraph written for one test. */
export type SubgraphSource = { name: string; typeDefs: string; resolvers: Resolvers }

/** A request as a subgraph saw it. */
export type SeenRequest = { headers: Headers; body: string }

/** A running subgraph that remembers what it was asked. */
export type RunningSubgraph = LocalServer & { name: string; typeDefs: string; seen: SeenRequest[] }

const FEDERATION = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@external", "@requires", "@shareable", "@authenticated", "@requiresScopes"]
)
`

/** Serves a subgraph over HTTP with Yoga, streams by SSE. */
export async function startSubgraph(source: SubgraphSource): Promise<RunningSubgraph> {
  const typeDefs = FEDERATION + source.typeDefs
  const seen: SeenRequest[] = []
  const yoga = createYoga({
    schema: buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: source.resolvers }),
    logging: false,
    plugins: [
      {
        onRequest: async ({ request, serverContext }) => {
          seen.push({ headers: request.headers, body: '' })
          void serverContext
        },
        onParams: ({ params }) => {
          const last = seen.at(-1)
          if (last) last.body = JSON.stringify(params)
        },
      },
    ],
  })
  const server = await startHttpServer(yoga)
  return { ...server, url: `${server.url}/graphql`, name: source.name, typeDefs, seen }
}

/** The supergraph SDL of some subgraphs; throws what composition complains of. */
export function composeSdl(
  subgraphs: readonly { name: string; typeDefs: string; url: string }[],
): string {
  const { errors, supergraphSdl } = composeServices(
    subgraphs.map(({ name, typeDefs, url }) => ({ name, url, typeDefs: parse(typeDefs) })),
  )
  if (!supergraphSdl) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

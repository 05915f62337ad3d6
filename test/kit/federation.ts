import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { type LocalServer, startHttpServer } from './http-server.ts'

type SchemaModule = Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>
type Resolvers = NonNullable<SchemaModule['resolvers']>

/** A subgraph written for one test. */
export type SubgraphSource = {
  name: string
  typeDefs: string
  resolvers: Resolvers
  /** The cursor that an event of a stream carries in `extensions.cursor`. */
  cursorOf?: (data: Record<string, unknown>) => string | null
  /** The `Cache-Control` of its answers. */
  cacheControl?: string
  /** Whose state an event tells, in `extensions.state`. */
  stateOf?: (data: Record<string, unknown>) => string | null
  /** A free one, unless it is said. */
  port?: number
}

/** A request as a subgraph saw it. */
export type SeenRequest = { headers: Headers; text: string }

/** A running subgraph that remembers what it was asked. */
export type RunningSubgraph = LocalServer & { name: string; typeDefs: string; seen: SeenRequest[] }

const FEDERATION = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@external", "@requires", "@shareable", "@authenticated", "@requiresScopes", "@policy"]
)
`

/** Serves a subgraph over HTTP with Yoga, streams by SSE. */
export async function startSubgraph(source: SubgraphSource): Promise<RunningSubgraph> {
  const typeDefs = FEDERATION + source.typeDefs
  const seen: SeenRequest[] = []
  const yoga = createYoga({
    schema: buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: source.resolvers }),
    logging: false,
    plugins: [useMemory(seen), useCursorsOf(source), useCacheControlOf(source)],
  })
  const server = await startHttpServer(yoga, source.port)
  return { ...server, url: `${server.url}/graphql`, name: source.name, typeDefs, seen }
}

/** Remembers the text as it came, because tokens are bound to it. */
function useMemory(seen: SeenRequest[]): Plugin {
  return {
    onRequestParse: ({ request, requestParser, setRequestParser }) => {
      if (!requestParser) return
      setRequestParser(async (unread) => {
        const text = await unread.text()
        seen.push({ headers: request.headers, text })
        return JSON.parse(text)
      })
    },
  }
}

function useCursorsOf({ cursorOf, stateOf }: SubgraphSource): Plugin {
  return {
    onSubscribe: () => ({
      onSubscribeResult: () => ({
        onNext: ({ result, setResult }) => {
          if (!('data' in result) || !result.data) return
          const cursor = cursorOf?.(result.data)
          const state = stateOf?.(result.data)
          const marks = { ...(cursor ? { cursor } : {}), ...(state ? { state } : {}) }
          if (cursor || state) setResult({ ...result, extensions: marks })
        },
      }),
    }),
  }
}

function useCacheControlOf({ cacheControl }: SubgraphSource): Plugin {
  return {
    onResponse: ({ response }) => {
      if (cacheControl) response.headers.set('cache-control', cacheControl)
    },
  }
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

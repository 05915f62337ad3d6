import { httpUrl, type Parser } from './parsers.ts'
import { setting } from './setting.ts'

/** How subscriptions are asked of a subgraph that is not asked by server-sent events. */
export type SubgraphStream = 'ws' | 'callback'

const MAX_NAMED = 100
const NAMED = /^([A-Za-z_][\w-]{0,63})=(ws|callback)$/

/** Subgraphs by name, each with its way: `prices=ws,fixtures=callback`. */
export const subgraphStreams: Parser<Readonly<Record<string, SubgraphStream>>> = {
  expected: 'names of subgraphs, each with =ws or =callback, split by commas',
  read: (text) => {
    const pairs = text.split(',').map((pair) => NAMED.exec(pair.trim()))
    const ways = new Map<string, SubgraphStream>()
    for (const pair of pairs) {
      const [, name, way] = pair ?? []
      if (name === undefined || way === undefined || ways.has(name)) return undefined
      ways.set(name, way as SubgraphStream)
    }
    return ways.size > MAX_NAMED ? undefined : Object.fromEntries(ways)
  },
}

/** How the gateway subscribes at subgraphs that are not its own. */
export const SUBGRAPH_STREAM_SETTINGS = {
  GATEWAY_SUBGRAPH_STREAMS: setting(subgraphStreams, {
    fallback: null,
    doc: 'How subscriptions reach subgraphs that speak no server-sent events, such as prices=ws,fixtures=callback. ws: by graphql-transport-ws at their URL. callback: they post their events, by Apollo’s callback protocol; one worker, and GATEWAY_CALLBACK_URL. Only for a gateway that stands alone: with the platform it is refused.',
  }),
  GATEWAY_CALLBACK_URL: setting(httpUrl, {
    fallback: null,
    doc: 'Where subgraphs that post their events reach this gateway: /callback/… is added to it.',
  }),
}

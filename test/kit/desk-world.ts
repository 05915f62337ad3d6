import { Repeater } from 'graphql-yoga'
import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { SubgraphSource } from './federation.ts'

type Call = { request: Request; params: { extensions?: { resume?: unknown } } }

/** In whose name a subgraph was asked. */
function viewerOf({ request }: Call): Viewer | null {
  const token = request.headers.get(SERVICE_TOKEN_HEADER)
  const claims = token?.split('.')[1]
  return claims ? JSON.parse(Buffer.from(claims, 'base64url').toString()).viewer : null
}

/** What happened on the desk, and who listens. */
export type Desk = {
  happen: (id: string, odds?: number) => void
  /** In whose name each stream was opened, and after which cursor. */
  opened: { viewer: Viewer | null; resume: unknown }[]
  listeners: () => number
}

const EVERYONE = '@shares(by: "everyone")'
const SHARES = `
  extend schema @link(url: "https://dbsbm.dev/shares/v1.0", import: ["@shares"])
    @federation__composeDirective(name: "@shares")
  directive @shares(by: String!) on OBJECT | FIELD_DEFINITION
`

/** The types of the desk's subgraph; a test may change them for another version. */
export const DESK_TYPES = `${SHARES}
  type Query { nothing: Int }
  type Subscription {
    moved(of: ID): Price ${EVERYONE}
    guarded: Price ${EVERYONE} @requiresScopes(scopes: [["odds:read"]])
    handled: Price @shares(by: "tenant")
    mine: Price
  }
  type Price {
    id: ID! ${EVERYONE}
    at: Int ${EVERYONE}
    odds: Int ${EVERYONE}
    padding: String ${EVERYONE}
    by: String ${EVERYONE}
    secret: String ${EVERYONE} @requiresScopes(scopes: [["odds:secret"]])
    handle: String @shares(by: "tenant")
    stake: String
  }
`

/** A subgraph of prices whose every answer says in whose name it was asked for. */
export function createDesk({ isOfStates = false, padding = '' } = {}): {
  source: SubgraphSource
  desk: Desk
} {
  const log: { id: string; odds: number }[] = []
  const wakes = new Set<() => void>()
  const opened: Desk['opened'] = []
  const stream = (field: string) => ({
    subscribe: (_root: unknown, _args: unknown, context: unknown) => {
      const call = context as Call
      const { resume = null } = call.params.extensions ?? {}
      opened.push({ viewer: viewerOf(call), resume })
      return follow(field, resume === null ? log.length : Number(String(resume).slice(1)), call)
    },
  })
  const follow = (field: string, from: number, call: Call) =>
    new Repeater<Record<string, unknown>>(async (push, stop) => {
      const by = JSON.stringify(viewerOf(call))
      let at = from
      let isStopped = false
      let wake = () => {}
      const woken = () => wake()
      wakes.add(woken)
      void stop.then(() => {
        isStopped = true
        wake()
      })
      while (!isStopped) {
        const happened = log[at]
        if (happened) {
          const told = { by, secret: by, handle: by, stake: by, padding }
          await push({ [field]: { ...happened, ...told, at: ++at } })
        } else await new Promise<void>((resolve) => (wake = resolve))
      }
      wakes.delete(woken)
    })
  const priceIn = (data: Record<string, unknown>) =>
    Object.values(data)[0] as { at?: number; id?: string } | null
  const source: SubgraphSource = {
    name: 'desk',
    typeDefs: DESK_TYPES,
    cursorOf: (data) => `c${priceIn(data)?.at}`,
    stateOf: (data) => (isOfStates ? (priceIn(data)?.id ?? null) : null),
    resolvers: {
      Query: { nothing: () => 0 },
      Subscription: {
        moved: stream('moved'),
        guarded: stream('guarded'),
        handled: stream('handled'),
        mine: stream('mine'),
      },
    },
  }
  const happen = (id: string, odds = 0) => {
    log.push({ id, odds })
    for (const wake of wakes) wake()
  }
  return { source, desk: { happen, opened, listeners: () => wakes.size } }
}

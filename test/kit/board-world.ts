import type { Viewer } from '#kernel/auth/viewer.ts'
import type { SubgraphSource } from './federation.ts'

/** A board whose every answer says for whom it was made; nothing is answered before `release`. */
export type Board = {
  source: SubgraphSource
  /** Questions that came, by field. */
  asked: string[]
  /** How many requests brought them. */
  readonly requests: number
  hold: () => void
  release: () => void
}

const TYPES = `
  extend schema
    @link(url: "https://dbsbm.dev/shares/v1.0", import: ["@shares"])
    @federation__composeDirective(name: "@shares")
  directive @shares(by: String!) on FIELD_DEFINITION | OBJECT
  type Query {
    price(of: ID): Said @requiresScopes(scopes: [["odds:read"]]) @shares(by: "everyone")
    handle(of: ID): Said @requiresScopes(scopes: [["figures:read"]]) @shares(by: "tenant")
    mine(of: ID): Said @authenticated
    open: Said @shares(by: "everyone")
    fails: Said @shares(by: "everyone")
  }
  type Mutation { bet: Said @authenticated }
  type Said @shares(by: "everyone") { text: String }
`

/** The viewer in the token of a request, which these tests believe; null where there is none. */
export function viewerIn(headers: Headers): Viewer | null {
  const [, claims] = (headers.get('x-dbsbm-service-token') ?? '').split('.')
  if (!claims) return null
  return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')).viewer
}

export function createBoard(): Board {
  const asked: string[] = []
  const seen = new WeakSet<Request>()
  let requests = 0
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const say =
    (field: string) =>
    async (...call: unknown[]) => {
      asked.push(field)
      const { request } = call[2] as { request: Request }
      if (!seen.has(request)) requests++
      seen.add(request)
      await gate.promise
      const viewer = viewerIn(request.headers)
      const { kind = null, userId = null, reach = null, scopes = [] } = viewer ?? {}
      const { of = null } = call[1] as { of?: string }
      const turn = asked.length
      return { text: JSON.stringify({ field, of, kind, userId, reach, scopes, turn }) }
    }
  const fails = async () => {
    asked.push('fails')
    await gate.promise
    throw new Error('not today')
  }
  const fields = ['price', 'handle', 'mine', 'open']
  return {
    asked,
    get requests() {
      return requests
    },
    hold: () => {
      gate = Promise.withResolvers()
    },
    release: () => gate.resolve(),
    source: {
      name: 'board',
      typeDefs: TYPES,
      resolvers: {
        Query: { ...Object.fromEntries(fields.map((field) => [field, say(field)])), fails },
        Mutation: { bet: say('bet') },
      },
    },
  }
}

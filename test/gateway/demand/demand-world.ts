import type { SettingsOverride } from '#gateway/settings.ts'
import type { SubgraphSource } from '../../kit/federation.ts'
import {
  type Answer,
  type AskInit,
  type PlatformWorld,
  startPlatformWorld,
} from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

/** How long a shelf is in fact, and what it waits for before it is shown. */
type ShelfState = { now: number; held?: Promise<void> }

async function* nothingSold(): AsyncGenerator<never> {}

/** A shelf of which a test says how long it is in fact. */
export function shopWithShelf(length: ShelfState): SubgraphSource {
  return {
    name: 'shop',
    typeDefs: `
      type Query {
        shelf(first: Int): [Thing!] @federation__listSize(slicingArguments: ["first"])
        many(first: Int): [Thing!] @federation__listSize(assumedSize: 3, slicingArguments: ["first"], requireOneSlicingArgument: false)
      }
      type Subscription { sold: [Thing!] @federation__listSize(assumedSize: 10) }
      type Mutation { signIn(name: String): Thing signOut: Thing }
      type Thing { name: String owner: Reader }
      type Reader @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Query: {
        shelf: async (_root: unknown, { first }: { first: number }) => {
          await length.held
          return things(first)
        },
        many: () => things(length.now),
      },
      Subscription: { sold: { subscribe: nothingSold } },
      Mutation: { signIn: () => ({ name: 'in' }), signOut: () => ({ name: 'out' }) },
    },
  }
}

const things = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `thing ${index}`, owner: { id: '1' } }))

/** A gateway that enforces, over subgraphs whose costs are known. */
export async function demandWorld(
  settings: SettingsOverride['demand'] = {},
  rest: SettingsOverride = {},
) {
  const length: ShelfState = { now: 3 }
  const { sources, ticks } = readersAndBooks()
  const world = await startPlatformWorld({
    subgraphs: [...sources, shopWithShelf(length)],
    settings: { ...rest, demand: { mode: 'enforce', ...settings } },
  })
  return { ...world, length, ticks }
}

/** The three ways in: ahead of Yoga, through it, and by WebSocket. */
export const WAYS = ['plain', 'yoga', 'websocket'] as const

/** Asks by one of the ways, and tells of the answer what all of them can tell. */
export async function askBy(
  way: (typeof WAYS)[number],
  world: PlatformWorld,
  { query, ...init }: AskInit & { query: string },
): Promise<Answer['body'] & { status?: number; retryAfter?: string | null }> {
  if (way === 'websocket') return askBySocket(world, query, init)
  const headers = way === 'yoga' ? { origin: 'https://page.example' } : {}
  const {
    status,
    body,
    headers: answered,
  } = await world.ask(query, {
    ...init,
    headers: { ...headers, ...init.headers },
  })
  return { ...body, status, retryAfter: answered.get('retry-after') }
}

async function askBySocket(world: PlatformWorld, query: string, { token, extensions }: AskInit) {
  const params = token ? { authorization: `Bearer ${token}` } : {}
  using client = openSocketClient(world.websocket, params)
  const subscribed = client.subscribe(query, extensions)
  const ended = await subscribed.ended
  if (Array.isArray(ended)) return { errors: ended as NonNullable<Answer['body']['errors']> }
  return subscribed.results[0] as Answer['body']
}

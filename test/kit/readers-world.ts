import { GraphQLError } from 'graphql'
import { Repeater } from 'graphql-yoga'
import type { SubgraphSource } from './federation.ts'

/**
 * What the ticking subgraph was asked to resume from, and who is listening. It remembers what it was
 * fed: whoever resumes gets what came after, and whoever names a cursor that it never gave begins
 * with what comes next.
 */
export type TickState = {
  resumedFrom: unknown[]
  /** Whether to go on in any case, as it was asked each time. */
  orLive: unknown[]
  listeners: number
  push: (name: string) => void
}

/** Two subgraphs that share a type, one of them with a stream that a test feeds by hand. */
export function readersAndBooks(): { sources: SubgraphSource[]; ticks: TickState } {
  const channels = new Set<(name: string) => void>()
  const history: string[] = []
  const ticks: TickState = {
    resumedFrom: [],
    orLive: [],
    listeners: 0,
    push: (name) => {
      history.push(name)
      for (const channel of channels) channel(name)
    },
  }
  const readers: SubgraphSource = {
    name: 'readers',
    cursorOf: ({ ticks: reader }) => (isNamed(reader) ? cursorOf(reader.id) : null),
    typeDefs: `
      type Query { me: Reader fails: String secret: String @requiresScopes(scopes: [["users:read"]]) mine: String @authenticated }
      type Mutation { rename(name: String!): Reader }
      type Reader @key(fields: "id") { id: ID! name: String friend: Reader }
      type Subscription { ticks: Reader secretTicks: Reader @requiresScopes(scopes: [["users:read"]]) }
    `,
    resolvers: {
      Query: {
        me: () => ({ id: '1', name: 'Ada' }),
        fails: () => {
          throw new Error('internal detail')
        },
        secret: () => 'hidden',
        mine: () => 'own',
      },
      Mutation: { rename: (_root: unknown, { name }: { name: string }) => renamed(name) },
      Reader: {
        __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Ada' }),
        friend: () => ({ id: '2', name: 'Grace' }),
      },
      Subscription: {
        ticks: { subscribe: (...call: unknown[]) => listen('ticks', call) },
        secretTicks: { subscribe: (...call: unknown[]) => listen('secretTicks', call) },
      },
    },
  }
  const listen = (field: string, call: unknown[]) => {
    const { params } = call[2] as {
      params: { extensions?: { resume?: unknown; orLive?: unknown } }
    }
    ticks.resumedFrom.push(params.extensions?.resume ?? null)
    ticks.orLive.push(params.extensions?.orLive ?? null)
    return stream(field, missedSince(history, params.extensions?.resume))
  }
  const stream = (field: string, missed: readonly string[]) =>
    new Repeater<Record<string, unknown>>(async (push, stop) => {
      const channel = (name: string) => void push({ [field]: { id: name, name } })
      missed.forEach(channel)
      channels.add(channel)
      ticks.listeners++
      await stop
      channels.delete(channel)
      ticks.listeners--
    })
  const books: SubgraphSource = {
    name: 'books',
    typeDefs: 'type Reader @key(fields: "id") { id: ID! books: [String!] }',
    resolvers: {
      Reader: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        books: ({ id }: { id: string }) => booksOf(id),
      },
    },
  }
  return { sources: [readers, books], ticks }
}

const cursorOf = (name: string) => `cursor-${name}`

function missedSince(history: readonly string[], cursor: unknown): string[] {
  const last = history.findLastIndex((name) => cursorOf(name) === cursor)
  return last < 0 ? [] : history.slice(last + 1)
}

function renamed(name: string) {
  if (name !== 'taken') return { id: '1', name }
  throw new GraphQLError('The name is taken.', { extensions: { code: 'NAME_TAKEN' } })
}

function booksOf(id: string): string[] {
  if (id !== 'torn') return [`book of ${id}`]
  throw new GraphQLError('The book is torn.', { extensions: { code: 'BOOK_TORN' } })
}

function isNamed(value: unknown): value is { id: string } {
  return typeof value === 'object' && value !== null && 'id' in value
}

import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import {
  CONNECTION_SIZE,
  createBuilder,
  type RequestContext,
  toSubgraphSchema,
} from '#kernel/graphql/builder.ts'

export type Ticket = { id: string; title: string; secret: string }

const TICKETS: readonly Ticket[] = [{ id: '1', title: 'Parlay', secret: 'inside' }]

export const anonymous = anonymousViewer('test')

export function viewerWith(scopes: readonly string[]): Viewer {
  return { ...anonymous, kind: 'user', userId: '7', sessionId: 'session', scopes }
}

export function contextOf(viewer: Viewer, policies: readonly string[] = []): RequestContext {
  return {
    viewer,
    resume: null,
    signal: new AbortController().signal,
    hasPolicy: (name) => policies.includes(name),
  }
}

/** A small subgraph in which every kind of access stands once. */
export function createTicketSchema() {
  const builder = createBuilder<RequestContext>()
  const TicketType = builder.objectRef<Ticket>('Ticket').implement({
    description: 'A betting ticket.',
    auth: { scopes: [['odds:read']] },
    shares: 'tenant',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      title: t.exposeString('title', { description: 'Its title.' }),
      secret: t.exposeString('secret', {
        description: 'For those who may.',
        nullable: true,
        auth: { scopes: [['roles:read', 'roles:write'], ['users:write']] },
      }),
    }),
  })
  builder.asEntity(TicketType, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: ({ id }) => TICKETS.find((ticket) => ticket.id === id) ?? null,
  })
  builder.queryFields((t) => ({
    ping: t.string({ description: 'For all.', auth: { public: true }, resolve: () => 'pong' }),
    mine: t.string({
      description: 'For whoever signed in.',
      nullable: true,
      auth: { authenticated: true },
      resolve: () => 'yours',
    }),
    audited: t.string({
      description: 'For whom a policy allows it.',
      nullable: true,
      auth: { policy: [['auditor', 'on-duty'], ['operator']] },
      resolve: () => 'log',
    }),
    tickets: t.connection({
      type: TicketType,
      description: 'All tickets.',
      nullable: true,
      auth: { scopes: [['odds:read']] },
      shares: 'everyone',
      listSize: CONNECTION_SIZE,
      resolve: () => ({
        edges: TICKETS.map((node) => ({ node, cursor: node.id })),
        pageInfo: {
          hasNextPage: false,
          hasPreviousPage: false,
          startCursor: null,
          endCursor: null,
        },
      }),
    }),
  }))
  builder.subscriptionType({ description: 'Live.' })
  builder.subscriptionField('ticketChanged', (t) =>
    t.field({
      type: TicketType,
      nullable: true,
      description: 'Each change.',
      auth: { scopes: [['odds:read']] },
      subscribe: async function* () {
        yield TICKETS[0]
      },
      resolve: (ticket) => ticket as Ticket,
    }),
  )
  return toSubgraphSchema(builder)
}

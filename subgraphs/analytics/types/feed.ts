import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import type { FeedRejection } from '../entities/feed-rejection.ts'
import type { FeedRun } from '../entities/feed-run.ts'
import { MAY } from '../scopes.ts'

const FeedStatusEnum = builder.enumType('FeedStatus', {
  description: 'What a feed does.',
  values: {
    RUNNING: { value: 'running', description: 'It is taken in.' },
    FAILING: { value: 'failing', description: 'It failed last time and is tried again.' },
    FINISHED: { value: 'finished', description: 'Its source has ended.' },
    STOPPED: { value: 'stopped', description: 'The service that took it in was stopped.' },
  } as const,
})

const FeedRejectionType = builder.objectRef<FeedRejection>('FeedRejection').implement({
  description: 'Something that a feed could not use.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Its code in docs/errors.md.' }),
    line: t.int({
      nullable: true,
      description: 'Line of the file (the header is 1), or place in the answer.',
      resolve: ({ line }) => line ?? null,
    }),
    reason: t.exposeString('reason', { description: 'Which part was broken.' }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
  }),
})

const FeedType = builder.objectRef<FeedRun>('OddsFeed').implement({
  description: 'A source of odds, and how far it was taken in.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.string({ description: 'Its name.', resolve: ({ feed }) => feed }),
    status: t.field({
      type: FeedStatusEnum,
      description: 'What it does.',
      resolve: ({ status }) => status,
    }),
    isPaused: t.exposeBoolean('isPaused', { description: 'Whether the platform paused it.' }),
    isSimulated: t.exposeBoolean('isSimulated', { description: 'Whether it invents its odds.' }),
    position: t.field({
      type: 'BigInt',
      description: 'Place of the last event stored.',
      resolve: ({ position }) => BigInt(position),
    }),
    events: t.field({
      type: 'BigInt',
      description: 'Events stored.',
      resolve: ({ events }) => BigInt(events),
    }),
    quotes: t.field({
      type: 'BigInt',
      description: 'Prices told, changed or not.',
      resolve: ({ quotes }) => BigInt(quotes),
    }),
    changes: t.field({
      type: 'BigInt',
      description: 'Prices that changed, the first ones included.',
      resolve: ({ changes }) => BigInt(changes),
    }),
    rejected: t.field({
      type: 'BigInt',
      description: 'Things it could not use.',
      resolve: ({ rejected }) => BigInt(rejected),
    }),
    lastErrorCode: t.string({
      nullable: true,
      description: 'Code of its last failure.',
      resolve: ({ lastErrorCode }) => lastErrorCode ?? null,
    }),
    lastErrorAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it failed last.',
      resolve: ({ lastErrorAt }) => lastErrorAt ?? null,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When it began.',
      resolve: ({ startedAt }) => startedAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When something that it told was stored last; refusals are not.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
    rejections: t.connection({
      type: FeedRejectionType,
      description: 'The newest 1000 things it could not use, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { feedDesk }) =>
        toConnection(await feedDesk.rejectionsOf(id, toForwardPage(page))),
    }),
  }),
})

builder.queryField('feeds', (t) =>
  t.field({
    type: [FeedType],
    nullable: true,
    auth: MAY.readFeeds,
    description: 'The newest 100 runs of odds feeds, newest first.',
    listSize: { assumedSize: 5 },
    resolve: (_root, _args, { feedDesk }) => feedDesk.list(),
  }),
)

const FeedInput = builder.inputType('FeedInput', {
  description: 'Names a feed.',
  fields: (t) => ({ feedId: t.id({ required: true, description: 'Which feed.' }) }),
})

builder.mutationFields((t) => ({
  pauseFeed: t.field({
    type: FeedType,
    nullable: true,
    auth: MAY.writeFeeds,
    description: 'Has a feed wait, whatever process takes it in. Platform only.',
    args: { input: t.arg({ type: FeedInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { feedDesk }) => feedDesk.pause(input.feedId),
  }),
  resumeFeed: t.field({
    type: FeedType,
    nullable: true,
    auth: MAY.writeFeeds,
    description: 'Has a paused feed go on where it was, within a second. Platform only.',
    args: { input: t.arg({ type: FeedInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { feedDesk }) => feedDesk.resume(input.feedId),
  }),
}))

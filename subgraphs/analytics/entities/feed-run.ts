import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '#kernel/db/columns.ts'

export const FEED_STATUS = ['running', 'failing', 'finished', 'stopped'] as const
export type FeedStatus = (typeof FEED_STATUS)[number]

const counter = () => p.bigint('number').unsigned(false)

const FeedRunSchema = defineEntity({
  name: 'FeedRun',
  tableName: 'feed_runs',
  uniques: [{ name: 'uniq_feed_run', properties: ['feed', 'identity'] }],
  properties: {
    id: idColumn(),
    feed: p.string().length(64),
    /** Names bytes and settings of the source: a position means something under the same one alone. */
    identity: p.string().length(191),
    /** The last event that was stored. */
    position: counter(),
    /** Where a replay puts the first instant of its source. */
    anchor: timeColumn(),
    status: p.string().length(12).$type<FeedStatus>(),
    isPaused: p.boolean(),
    /** Until then nobody else takes it in; absent or over, whoever comes first. */
    leaseUntil: timeColumn().nullable(),
    /** Names one taking of the lease, not one process. */
    leaseOwner: p.string().length(22).nullable(),
    isSimulated: p.boolean(),
    events: counter(),
    quotes: counter(),
    changes: counter(),
    rejected: counter(),
    /** Code of the last trouble, or the name of its class; never its message. */
    lastErrorCode: p.string().length(100).nullable(),
    lastErrorAt: timeColumn().nullable(),
    startedAt: timeColumn(),
    /** When something that it told was stored last: its sign of life. Refusals and switches are none. */
    updatedAt: timeColumn(),
  },
})

/** How far one feed was taken in. It changes in the transactions that store the feed's events. */
export class FeedRun extends FeedRunSchema.class {}
FeedRunSchema.setClass(FeedRun)

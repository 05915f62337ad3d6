import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const FeedRejectionSchema = defineEntity({
  name: 'FeedRejection',
  tableName: 'feed_rejections',
  indexes: [{ name: 'idx_rejection_run', properties: ['runId', 'id'] }],
  properties: {
    id: idColumn(),
    runId: refColumn(),
    code: p.string().length(40),
    /** Line of the file, or place in the answer; null for a whole answer. */
    line: p.integer().nullable(),
    /** One of our own words, never the sender's text. */
    reason: p.string().length(100),
    at: timeColumn(),
  },
})

/** Something a feed could not use; the newest of each run are kept. */
export class FeedRejection extends FeedRejectionSchema.class {}
FeedRejectionSchema.setClass(FeedRejection)

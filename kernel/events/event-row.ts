import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '../db/columns.ts'

const EventRowSchema = defineEntity({
  name: 'EventRow',
  tableName: 'events',
  uniques: [{ properties: ['topic', 'seq'] }],
  properties: {
    id: idColumn(),
    topic: p.string().length(100),
    /** Dense within the topic, in the order of the commits. */
    seq: p.bigint('number').unsigned(false),
    type: p.string().length(60),
    /** Never personal data: events are kept and copied. */
    payload: p.json<unknown>(),
    at: timeColumn(),
  },
})

/** An event as the table, which is the truth, keeps it. */
export class EventRow extends EventRowSchema.class {}
EventRowSchema.setClass(EventRow)

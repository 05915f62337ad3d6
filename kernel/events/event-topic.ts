import { defineEntity, p } from '@mikro-orm/core'

const EventTopicSchema = defineEntity({
  name: 'EventTopic',
  tableName: 'event_topics',
  properties: {
    topic: p.string().length(100).primary(),
    /** Changes when a topic starts again, or its database was restored; a cursor of another epoch has expired. */
    epoch: p.string().length(22),
    /** Sequence of the newest event; 0 before the first. */
    lastSeq: p.bigint('number').unsigned(false),
    /** Sequence of the oldest event that the history still promises. */
    firstSeq: p.bigint('number').unsigned(false),
  },
})

/** One feed: its row is the lock under which sequences are given out. */
export class EventTopic extends EventTopicSchema.class {}
EventTopicSchema.setClass(EventTopic)

import { defineEntity, p } from '@mikro-orm/core'

const OutboxLaneSchema = defineEntity({
  name: 'OutboxLane',
  tableName: 'outbox_lanes',
  properties: {
    lane: p.integer().primary().autoincrement(false),
    /** How many rows went through; counting it is what takes the lock. */
    passed: p.bigint('number').unsigned(false),
  },
})

/**
 * A lock held until commit by whoever writes for an aggregate of this lane. It makes the ids of an
 * aggregate's rows follow their commits, which an auto-increment alone does not.
 */
export class OutboxLane extends OutboxLaneSchema.class {}
OutboxLaneSchema.setClass(OutboxLane)

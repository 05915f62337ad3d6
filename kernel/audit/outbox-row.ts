import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '../db/columns.ts'

const OutboxRowSchema = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  uniques: [{ properties: ['receiver', 'key'] }],
  indexes: [
    { properties: ['receiver', 'sentAt', 'id'] },
    { properties: ['receiver', 'sentAt', 'nextTryAt'] },
  ],
  properties: {
    id: idColumn(),
    receiver: p.string().length(30),
    kind: p.string().length(60),
    /** Rows of one aggregate reach the receiver in the order of their commits. */
    aggregate: p.string().length(100),
    /** Idempotency key: the receiver applies each once. */
    key: p.string().length(64).fieldName('idempotency_key'),
    /** Canonical JSON (RFC 8785): databases reorder JSON, and these bytes are hashed. */
    payload: p.text(),
    at: timeColumn(),
    sentAt: timeColumn().nullable(),
    attempts: p.integer(),
    nextTryAt: timeColumn(),
    /** A code or the name of an error's class, never its message. */
    lastError: p.string().length(100).nullable(),
  },
})

/** A message to another service, written with the change that it tells of. */
export class OutboxRow extends OutboxRowSchema.class {}
OutboxRowSchema.setClass(OutboxRow)

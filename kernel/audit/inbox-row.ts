import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '../db/columns.ts'

const InboxRowSchema = defineEntity({
  name: 'InboxRow',
  tableName: 'inbox',
  uniques: [{ properties: ['caller', 'key'] }],
  properties: {
    id: idColumn(),
    caller: p.string().length(30),
    key: p.string().length(64).fieldName('idempotency_key'),
    at: timeColumn(),
  },
})

/** A delivery that was applied, so that its repetition is not. */
export class InboxRow extends InboxRowSchema.class {}
InboxRowSchema.setClass(InboxRow)

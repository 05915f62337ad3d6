import { defineEntity, p } from '@mikro-orm/core'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export type ClearanceKind = 'bet' | 'deposit'

/**
 * `reserved` until it is used (`confirmed`), given back (`released`) or forgotten by its asker
 * (`expired`); `refused` where the answer was no.
 */
export type ClearanceStatus = 'reserved' | 'confirmed' | 'released' | 'expired' | 'refused'

const ClearanceSchema = defineEntity({
  name: 'Clearance',
  tableName: 'clearances',
  indexes: [
    { name: 'idx_clearance_expiry', properties: ['status', 'expiresAt'] },
    { name: 'idx_clearance_age', properties: ['createdAt'] },
  ],
  uniques: [{ name: 'uniq_clearance_key', properties: ['kind', 'idempotencyKey'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    userId: refColumn(),
    kind: p.string().length(10).$type<ClearanceKind>(),
    /** Minor units. */
    amount: bigColumn(),
    currency: p.string().length(3),
    idempotencyKey: p.string().length(64),
    status: p.string().length(10).$type<ClearanceStatus>(),
    answer: p.string().length(3).$type<'yes' | 'no'>(),
    /** Why not. */
    code: p.string().length(50).nullable(),
    /** What it was used for, such as `bet:12`. */
    resource: p.string().length(100).nullable(),
    expiresAt: timeColumn(),
    createdAt: timeColumn(),
  },
})

/** An answer to "may this person bet or deposit so much here?", and what came of it. */
export class Clearance extends ClearanceSchema.class {}
ClearanceSchema.setClass(Clearance)

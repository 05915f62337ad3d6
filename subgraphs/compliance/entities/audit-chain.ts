import { defineEntity, p } from '@mikro-orm/core'
import { idColumn } from '#kernel/db/columns.ts'

const AuditChainSchema = defineEntity({
  name: 'AuditChain',
  tableName: 'audit_chains',
  indexes: [{ name: 'idx_chain_unpublished', properties: ['hasUnpublished', 'id'] }],
  properties: {
    id: idColumn(),
    /** `platform`, `tenant:<id>`, or `all`: the count of the entries of all chains. */
    chain: p.string().length(40).unique(),
    /** The newest entry's place; of `all`, the newest entry's id. */
    seq: p.bigint('number').unsigned(false),
    hash: p.string().length(64),
    /** HMAC-SHA256 of chain, place and hash: a head cut back together with its tail is found. */
    mac: p.string().length(43),
    /** How far the live tail was told; of `all`, how far alert rules were evaluated. */
    publishedSeq: p.bigint('number').unsigned(false),
    hasUnpublished: p.boolean(),
  },
})

/** The newest end of a chain of the audit log. */
export class AuditChain extends AuditChainSchema.class {}
AuditChainSchema.setClass(AuditChain)

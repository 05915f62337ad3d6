import type { KeyObject } from 'node:crypto'
import { AUDIT_KIND } from '#kernel/audit/audit.ts'
import type { ClientSeal } from '#kernel/audit/client-seal.ts'
import type { Clock } from '#kernel/clock.ts'
import { keysWithin } from '#kernel/crypto/person-key-rows.ts'
import type { PersonKeys } from '#kernel/crypto/person-keys.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { afterCommit } from '#kernel/db/transaction-scope.ts'
import type { Logger } from '#kernel/log.ts'
import type { Delivery } from '#kernel/service/subgraph.ts'
import type { AuditChain } from '../../entities/audit-chain.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { type ClientCiphertexts, sealClient } from './client-ciphertexts.ts'
import { chainOf, sealEntry } from './entry.ts'
import type { Heads } from './heads.ts'
import { type ReadRecord, readRecord } from './record.ts'

export type AppendDeps = {
  clock: Clock
  log: Logger
  clientSeal: ClientSeal
  personKeys: PersonKeys
  chainKey: KeyObject
  heads: Heads
  /** Told after the commit. */
  wake: () => void
}

/** Which delivery an entry stands for: kept for good, long after the inbox forgot it. */
type DeliveryKey = { source: string; deliveryKey: string }

/** What the entries of one transaction share: locks, heads and keys are fetched once for all. */
type Batch = {
  all: AuditChain
  heads: Map<string, AuditChain>
  keys: PersonKeys
  /** What is still to be appended, by the keys of its deliveries. */
  records: ReadonlyMap<string, ReadRecord>
}

/** Those of the deliveries that have no entry yet. */
async function readFresh(
  tx: SqlEntityManager,
  { source, together }: Delivery,
): Promise<ReadonlyMap<string, ReadRecord>> {
  const told = together.filter(({ kind }) => kind === AUDIT_KIND)
  const where = { source, deliveryKey: { $in: told.map(({ key }) => key) } }
  const kept = await forkInside(tx).find(AuditLog, where, { fields: ['deliveryKey'] })
  const known = new Set(kept.map(({ deliveryKey }) => deliveryKey))
  const fresh = told.filter(({ key }) => !known.has(key))
  return new Map(fresh.map(({ key, payload, at }) => [key, readRecord({ payload, at, source })]))
}

async function openBatch(
  deps: AppendDeps,
  tx: SqlEntityManager,
  delivery: Delivery,
): Promise<Batch> {
  // Before any other look at the tables: what it reads later is what stands once the lock is held.
  const all = await deps.heads.acrossTenantsLockAll(tx)
  afterCommit(deps.wake)
  const records = await readFresh(tx, delivery)
  const keys = keysWithin(deps.personKeys, tx)
  const clients = [...records.values()].filter(({ client }) => client !== null)
  await keys.preload(clients.flatMap(({ record }) => record.actor.userId ?? []))
  return { all, heads: new Map(), keys, records }
}

type Placed = { batch: Batch; head: AuditChain; delivery: DeliveryKey }

/** Writes the entry with the transaction's next flush, which takes all of them at once. */
function place(
  { chainKey, clock, heads }: AppendDeps,
  { record, ciphertexts }: { record: ReadRecord['record']; ciphertexts: ClientCiphertexts },
  { batch, head, delivery }: Placed,
) {
  const { source, deliveryKey: key } = delivery
  const id = batch.all.seq + 1
  const seq = head.seq + 1
  const entry = sealEntry(
    {
      ...{ v: 1, id: String(id), chain: head.chain, seq, source, key, prev: head.hash, record },
      ...ciphertexts,
      recordedAt: clock.now().toISOString(),
    },
    chainKey,
  )
  heads.move(head, { seq, hash: entry.entryHash })
  heads.move(batch.all, { seq: id, hash: batch.all.hash })
  head.hasUnpublished = true
  return entry
}

/** Appends what subgraphs tell of to the chain of its tenant, each delivery once. */
export function createAppend(deps: AppendDeps) {
  const { clientSeal, heads, log } = deps
  const batches = new WeakMap<SqlEntityManager, Batch>()

  const batchOf = async (tx: SqlEntityManager, delivery: Delivery): Promise<Batch> => {
    const batch = batches.get(tx) ?? (await openBatch(deps, tx, delivery))
    batches.set(tx, batch)
    return batch
  }
  const headOf = async (tx: SqlEntityManager, batch: Batch, chain: string) => {
    const head = batch.heads.get(chain) ?? (await heads.acrossTenantsLock(tx, chain))
    batch.heads.set(chain, head)
    return head
  }
  const unseal = ({ client }: ReadRecord) => {
    const unsealed = client === null ? null : clientSeal.unseal(client)
    if (client !== null && unsealed === null) log.warn('an audit record’s client cannot be opened')
    return unsealed
  }

  /** The inbox's handler of `audit.recorded`. */
  return async (tx: SqlEntityManager, delivered: Delivery): Promise<void> => {
    const delivery = { source: delivered.source, deliveryKey: delivered.key }
    const batch = await batchOf(tx, delivered)
    const read = batch.records.get(delivered.key)
    if (!read) return
    if (!read.isReadable) log.error(delivery, 'an audit record cannot be read; its digest is kept')
    const { record } = read
    const ciphertexts = await sealClient(batch.keys, record.actor.userId, unseal(read))
    const head = await headOf(tx, batch, chainOf(record.tenantId))
    const row = place(deps, { record, ciphertexts }, { batch, head, delivery })
    tx.persist(tx.create(AuditLog, row))
  }
}

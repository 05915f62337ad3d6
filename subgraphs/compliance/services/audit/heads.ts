import type { KeyObject } from 'node:crypto'
import { FlushMode, LockMode } from '@mikro-orm/core'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { AuditChain } from '../../entities/audit-chain.ts'
import { ALL_CHAINS, GENESIS, headMacOf } from './entry.ts'

const NEW_HEAD = { seq: 0, hash: GENESIS, publishedSeq: 0, hasUnpublished: false }

async function makeHead(tx: SqlEntityManager, key: KeyObject, chain: string): Promise<void> {
  const own = forkInside(tx)
  own.persist(
    own.create(AuditChain, { ...NEW_HEAD, chain, mac: headMacOf(key, { chain, ...NEW_HEAD }) }),
  )
  // False: another appender made it meanwhile, which is as good.
  await flushUnlessTaken(own)
}

/** The head as it stands now, held until commit. */
const lock = (tx: SqlEntityManager, chain: string) =>
  tx.findOne(
    AuditChain,
    { chain },
    { lockMode: LockMode.PESSIMISTIC_WRITE, flushMode: FlushMode.COMMIT },
  )

/** Heads of chains, each locked once in a transaction; `known` are those that stand for certain. */
export function createHeads(key: KeyObject) {
  const known = new Set<string>()
  const acrossTenantsLock = async (tx: SqlEntityManager, chain: string): Promise<AuditChain> => {
    // Not by trying the lock first: where no row is, it would lock the whole gap on InnoDB.
    if (!known.has(chain) && !(await forkInside(tx).findOne(AuditChain, { chain })))
      await makeHead(tx, key, chain)
    const head = await lock(tx, chain)
    if (head) {
      known.add(chain)
      return head
    }
    // The transaction that made it was rolled back.
    await makeHead(tx, key, chain)
    return (await lock(tx, chain)) as AuditChain
  }
  return {
    acrossTenantsLock,
    /**
     * Held by one appender at a time: two batches that touch the same chains in another order would
     * else wait for each other. Its place is the newest id.
     */
    acrossTenantsLockAll: (tx: SqlEntityManager) => acrossTenantsLock(tx, ALL_CHAINS),
    /** Moves a head that is held. */
    move: (head: AuditChain, { seq, hash }: { seq: number; hash: string }): void => {
      head.seq = seq
      head.hash = hash
      head.mac = headMacOf(key, { chain: head.chain, seq, hash })
    },
  }
}

export type Heads = ReturnType<typeof createHeads>

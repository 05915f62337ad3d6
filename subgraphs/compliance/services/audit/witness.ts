import type { KeyObject } from 'node:crypto'
import type { Clock } from '#kernel/clock.ts'
import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
import { AuditChain } from '../../entities/audit-chain.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { ALL_CHAINS, GENESIS, headMacOf } from './entry.ts'
import { appendHeads, type RememberedHead, readHeads } from './heads-file.ts'
import type { CountReport, Verification } from './verification.ts'
import type { Finding } from './verify.ts'

/** Heads that were written elsewhere, and what of them is no longer so. */
export type WitnessReport = {
  /** Heads that were compared. */
  compared: number
  /** Of the file itself: lines that are no head, or were not written with the key. */
  brokenLines: readonly number[]
  findings: readonly (Finding & { chain: string })[]
}

export type WitnessDeps = { database: Database; chainKey: KeyObject; clock: Clock; path: string }

/** The first place of those remembered at which no entry stands any more. */
async function acrossTenantsFirstGone(em: SqlEntityManager, chain: string, seq: number) {
  const [last] = await em.find(
    AuditLog,
    { chain, seq: { $lte: seq } },
    { fields: ['seq'], orderBy: { seq: 'desc' }, limit: 1, disableIdentityMap: true },
  )
  return (last?.seq ?? 0) + 1
}

async function acrossTenantsCompareCount(
  em: SqlEntityManager,
  { seq }: RememberedHead,
): Promise<Finding | null> {
  const all = await em.findOne(AuditChain, { chain: ALL_CHAINS })
  const counted = all?.seq ?? 0
  return counted >= seq ? null : { seq: counted + 1, kind: 'missing', column: null }
}

/** What is wrong with a chain that once ended there; null when it still passes through. */
async function acrossTenantsCompare(
  em: SqlEntityManager,
  head: RememberedHead,
): Promise<Finding | null> {
  const { chain, seq, hash } = head
  if (chain === ALL_CHAINS) return acrossTenantsCompareCount(em, head)
  if (seq === 0) return null
  const entry = await em.findOne(
    AuditLog,
    { chain, seq },
    { fields: ['entryHash'], disableIdentityMap: true },
  )
  if (entry?.entryHash === hash) return null
  if (entry) return { seq, kind: 'hash', column: null }
  return { seq: await acrossTenantsFirstGone(em, chain, seq), kind: 'missing', column: null }
}

/** Holds remembered heads against the log. */
export async function acrossTenantsCompareHeads(
  { database, chainKey, path }: Omit<WitnessDeps, 'clock'>,
  only?: string,
): Promise<WitnessReport> {
  const { heads, broken } = await readHeads(path, chainKey)
  const compared = [...heads.values()].filter(({ chain }) => only === undefined || chain === only)
  const findings: (Finding & { chain: string })[] = []
  for (const head of compared) {
    const finding = await acrossTenantsCompare(database.acrossTenants(), head)
    if (finding) findings.push({ chain: head.chain, ...finding })
  }
  return { compared: compared.length, brokenLines: broken, findings }
}

type Seen = { chains: readonly Verification[]; count: CountReport | null }

/** Writes down how far the log is whole; what is not whole is never written over what was. */
export async function rememberHeads(
  { chainKey, clock, path }: Omit<WitnessDeps, 'database'>,
  { chains, count }: Seen,
): Promise<void> {
  const at = clock.now().toISOString()
  const toHead = (head: { chain: string; seq: number; hash: string }): RememberedHead => ({
    ...{ at, ...head },
    mac: headMacOf(chainKey, head),
  })
  const heads = chains.flatMap(({ chain, isWhole, headSeq: seq, headHash: hash }) =>
    isWhole && seq !== null && hash !== null ? [toHead({ chain, seq, hash })] : [],
  )
  const isCounted = count !== null && count.findings.length === 0 && count.counted > 0
  const all = isCounted ? [toHead({ chain: ALL_CHAINS, seq: count.counted, hash: GENESIS })] : []
  await appendHeads(path, [...heads, ...all])
}

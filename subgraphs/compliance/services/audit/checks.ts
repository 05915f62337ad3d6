import { serviceViewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { newId } from '#kernel/ids.ts'
import type { JobHandlers, Schedule } from '#kernel/jobs/jobs.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { ALL_CHAINS } from './entry.ts'
import { headsFileOf } from './heads-file.ts'
import {
  acrossTenantsChains,
  acrossTenantsVerify,
  acrossTenantsVerifyCount,
  type CountReport,
  type Verification,
  type VerificationDeps,
} from './verification.ts'
import { acrossTenantsCompareHeads, rememberHeads, type WitnessReport } from './witness.ts'

const KIND = 'compliance.verify-audit'

/** Every night; the minute is of no meaning. */
export const auditCheckSchedules: readonly Schedule[] = [
  { name: KIND, cron: '43 2 * * *', timezone: 'UTC', kind: KIND },
]

/** `count` is null where one chain alone was asked for, `witness` where no file of heads is kept. */
export type WholeReport = {
  chains: readonly Verification[]
  count: CountReport | null
  witness: WitnessReport | null
  findings: number
}

export type WholeRequest = {
  /** This chain alone. */
  only?: string
  signal?: AbortSignal
  onChain?: (report: Verification) => void
  onProgress?: (progress: { chain: string; checked: number }) => void
  /** Heads that were written elsewhere: compared first, then added to. */
  heads?: { path: string; clock: Clock } | null
}

/** Every chain or one, one after the other, the count of all entries, and heads of former times. */
export async function acrossTenantsVerifyAll(
  deps: VerificationDeps,
  { only, onChain = () => {}, heads = null, ...request }: WholeRequest = {},
): Promise<WholeReport> {
  const witness = heads && (await acrossTenantsCompareHeads({ ...deps, ...heads }, only))
  const chains: Verification[] = []
  for (const chain of only === undefined ? await acrossTenantsChains(deps) : [only]) {
    const report = await acrossTenantsVerify(deps, { ...request, chain })
    chains.push(report)
    onChain(report)
  }
  const count = only === undefined ? await acrossTenantsVerifyCount(deps) : null
  const inChains = chains.reduce((sum, { findings }) => sum + findings.length, 0)
  const inWitness = (witness?.findings.length ?? 0) + (witness?.brokenLines.length ?? 0)
  if (heads) await rememberHeads({ ...deps, ...heads }, whatStands({ chains, count, witness }))
  const findings = inChains + (count?.findings.length ?? 0) + inWitness
  return { chains, count, witness, findings }
}

/** What may be remembered: nothing that contradicts what is remembered already. */
function whatStands({ chains, count, witness }: Omit<WholeReport, 'findings'>) {
  const refuted = new Set(witness?.findings.map(({ chain }) => chain))
  return {
    chains: chains.filter(({ chain }) => !refuted.has(chain)),
    count: refuted.has(ALL_CHAINS) ? null : count,
  }
}

const sumOf = (chains: readonly Verification[]) =>
  chains.reduce((sum, { checked }) => sum + checked, 0)

/** The nightly look at the whole log; what it finds is logged, and that it looked is audited. */
export function createAuditChecks(
  {
    database,
    audit,
    log,
    randomness,
    clock,
  }: Pick<SubgraphDeps, 'database' | 'audit' | 'log' | 'randomness' | 'clock'>,
  verification: VerificationDeps,
): JobHandlers {
  const viewerOf = () =>
    serviceViewer({
      serviceName: 'compliance',
      reach: { kind: 'platform' },
      scopes: [],
      requestId: newId(randomness),
    })
  return {
    [KIND]: async ({ signal, progress }) => {
      // A log that is kept elsewhere is a witness: it shows later how far each chain once was.
      const onChain = ({ chain, checked, headSeq, headHash }: Verification) =>
        log.info({ chain, checked, headSeq, headHash }, 'a chain of the audit log was verified')
      const path = headsFileOf(database)
      const request = { signal, onChain, heads: path === null ? null : { path, clock } }
      const { chains, count, witness, findings } = await acrossTenantsVerifyAll(
        verification,
        request,
      )
      const broken = chains.filter(({ isWhole }) => isWhole === false)
      for (const { chain, firstBroken } of broken) {
        log.error({ chain, firstBroken }, 'the audit log was altered')
      }
      if (count && count.findings.length > 0)
        log.error(count, 'the count of the audit log does not agree')
      if (witness && witness.findings.length + witness.brokenLines.length > 0)
        log.error(witness, 'the audit log is not the one whose heads were written down')
      await transactional(database.acrossTenants(), (tx) =>
        audit.record(tx, {
          ...{ viewer: viewerOf(), action: 'audit.verified', tenantId: null, guildId: null },
          resource: { type: 'audit-log', id: null },
          outcome: findings === 0 ? 'done' : 'failed',
          details: {
            ...{ chains: chains.length, entries: sumOf(chains), findings },
            broken: broken.map(({ chain }) => chain).slice(0, 100),
          },
        }),
      )
      await progress(sumOf(chains), sumOf(chains))
    },
  }
}

import type { Clock } from '#kernel/clock.ts'
import type { OperatorKeys } from '#kernel/crypto/operator-key.ts'
import type { Database } from '#kernel/db/database.ts'
import { complianceError } from '../../errors.ts'
import { acrossTenantsVerifyAll, type WholeReport } from './checks.ts'
import { chainKeyOf } from './entry.ts'
import { type CountReport, isNothing, type Verification } from './verification.ts'
import type { Finding } from './verify.ts'
import type { WitnessReport } from './witness.ts'

export type VerifyCommand = {
  database: Database
  operatorKeys: OperatorKeys
  /** One chain alone, such as `tenant:1`; all of them and their count if null. */
  chain: string | null
  say: (line: string) => void
  signal: AbortSignal
  /** A file of heads to compare with and to add to; none if null. */
  heads: { path: string; clock: Clock } | null
}

/** Entries between two lines of progress. */
const PROGRESS_EVERY = 50_000

const inWords = ({ seq, kind, column }: Finding) =>
  `${kind}${column === null ? '' : ` (${column})`} at ${seq}`

function chainLines(report: Verification): string[] {
  const { chain, checked, findings, headSeq, headHash } = report
  if (isNothing(report)) return []
  const end = headSeq === null ? 'no head' : `head ${headSeq} ${headHash}`
  const state = findings.length === 0 ? 'whole' : `ALTERED, ${findings.length} findings`
  return [
    `${chain}: ${checked} entries, ${end}: ${state}`,
    ...findings.map((one) => `  ${inWords(one)}`),
  ]
}

function countLines({ entries, counted, findings }: CountReport): string[] {
  const state = findings.length === 0 ? 'agrees' : 'DOES NOT AGREE'
  return [
    `all: ${entries} entries, ${counted} counted: ${state}`,
    ...findings.map((one) => `  ${inWords(one)} (an id)`),
  ]
}

function witnessLines({ compared, brokenLines, findings }: WitnessReport): string[] {
  const count = findings.length + brokenLines.length
  const state = count === 0 ? 'agree' : `DO NOT AGREE, ${count} findings`
  return [
    `heads written down before: ${compared} compared: ${state}`,
    ...findings.map(({ chain, ...one }) => `  ${chain}: ${inWords(one)}`),
    ...brokenLines.map((line) => `  line ${line} is no head written with this key`),
  ]
}

function createProgress(say: VerifyCommand['say']) {
  const said = new Map<string, number>()
  return ({ chain, checked }: { chain: string; checked: number }) => {
    const step = Math.floor(checked / PROGRESS_EVERY)
    if (step <= (said.get(chain) ?? 0)) return
    said.set(chain, step)
    say(`${chain}: ${checked} entries so far`)
  }
}

/**
 * Looks again at the audit log and says what it finds, line by line.
 * @returns the report; @throws AUDIT_CHAIN_INVALID, AUDIT_CHAIN_NOT_FOUND
 */
export async function acrossTenantsVerifyAloud(command: VerifyCommand): Promise<WholeReport> {
  const { database, operatorKeys, chain, say, signal, heads } = command
  if (chain !== null && !/^(platform|tenant:[1-9]\d{0,18})$/.test(chain)) {
    throw complianceError('AUDIT_CHAIN_INVALID')
  }
  const report = await acrossTenantsVerifyAll(
    { database, chainKey: chainKeyOf(operatorKeys) },
    {
      signal,
      heads,
      onProgress: createProgress(say),
      onChain: (one) => chainLines(one).forEach(say),
      ...(chain !== null && { only: chain }),
    },
  )
  const isAbsent = chain !== null && report.findings === 0 && report.chains.every(isNothing)
  if (isAbsent) throw complianceError('AUDIT_CHAIN_NOT_FOUND')
  if (report.count) countLines(report.count).forEach(say)
  if (report.witness) witnessLines(report.witness).forEach(say)
  say(report.findings === 0 ? 'The audit log is as it was written.' : 'The audit log was altered.')
  return report
}

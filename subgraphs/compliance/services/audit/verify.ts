import type { KeyObject } from 'node:crypto'
import { canonicalText } from '#kernel/audit/canonical.ts'
import type { AuditChain } from '../../entities/audit-chain.ts'
import type { AuditLog } from '../../entities/audit-log.ts'
import {
  columnsOf,
  entryMacOf,
  GENESIS,
  type HashedEntry,
  hashOf,
  headMacOf,
  readCanonical,
} from './entry.ts'

/**
 * What is wrong at a place: `missing` (the entry is gone), `duplicate` (the place is taken twice),
 * `canonical` (the bytes are no entry), `hash` (they are not those that were hashed), `mac` (whoever
 * wrote them had no key), `prev` (they follow another entry), `column` (a column says something
 * else), `beyond` (after the head), `head` (the head itself is not ours).
 */
export const FINDING_KINDS = [
  'missing',
  'duplicate',
  'canonical',
  'hash',
  'mac',
  'prev',
  'column',
  'beyond',
  'head',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]

export type Finding = { seq: number; kind: FindingKind; column: string | null }

export type ChainReport = {
  chain: string
  /** Entries looked at. */
  checked: number
  /** The first place that is not as it was written. */
  firstBroken: Finding | null
  /** By place, at most 100. */
  findings: readonly Finding[]
}

/** What a verifier reads of a chain's head. */
export type HeadRow = Pick<AuditChain, 'chain' | 'seq' | 'hash' | 'mac'>

/** What one look tells at most. */
export const MOST_FINDINGS = 100

/** A value as it is compared: times by their milliseconds, JSON by its canonical text. */
function toComparable(value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.getTime()
  return typeof value === 'object' ? canonicalText(value, 100_000) : value
}

/** The first column that does not say what the canonical bytes say. */
function alteredColumn(row: AuditLog, entry: HashedEntry): string | null {
  const columns = Object.entries(columnsOf(entry))
  const altered = columns.find(
    ([name, value]) => toComparable(row[name as keyof AuditLog]) !== toComparable(value),
  )
  return altered?.[0] ?? null
}

export type VerifierOptions = {
  chain: string
  key: KeyObject
  /** The entry before the first that is taken, or null at the beginning of the chain. */
  after?: Pick<AuditLog, 'seq' | 'entryHash'> | null
}

/** Checks a chain page by page; it asks nobody and keeps one row. */
export function createVerifier({ chain, key, after = null }: VerifierOptions) {
  const findings: Finding[] = []
  let checked = 0
  let last = { seq: after?.seq ?? 0, entryHash: after?.entryHash ?? GENESIS }

  const find = (seq: number, kind: FindingKind, column: string | null = null) => {
    if (findings.length < MOST_FINDINGS) findings.push({ seq, kind, column })
  }
  const checkRow = (row: AuditLog) => {
    // No place at all: it stands nowhere, and whoever follows misses the entry.
    if (!Number.isSafeInteger(row.seq) || row.seq < 1) return find(last.seq + 1, 'column', 'seq')
    if (row.seq === last.seq) return find(row.seq, 'duplicate')
    if (row.seq > last.seq + 1) find(last.seq + 1, 'missing')
    // Where the entry before is gone, there is nothing to compare with; that it is gone was told.
    else if (row.prevHash !== last.entryHash) find(row.seq, 'prev')
    last = { seq: row.seq, entryHash: row.entryHash }
    if (hashOf(row.canonical) !== row.entryHash) find(row.seq, 'hash')
    if (entryMacOf(key, row.entryHash) !== row.entryMac) find(row.seq, 'mac')
    const entry = readCanonical(row.canonical)
    if (!entry) return find(row.seq, 'canonical')
    const column = alteredColumn(row, entry)
    if (column !== null) find(row.seq, 'column', column)
  }
  const checkHead = (head: HeadRow | null) => {
    if (!head) return last.seq === 0 ? undefined : find(last.seq, 'head')
    if (headMacOf(key, head) !== head.mac) find(head.seq, 'head', 'mac')
    if (last.seq > head.seq) return find(head.seq + 1, 'beyond')
    if (last.seq < head.seq) return find(last.seq + 1, 'missing')
    if (last.entryHash !== head.hash) find(last.seq, 'head', 'hash')
  }
  const report = (): ChainReport => {
    const inOrder = findings.toSorted((left, right) => left.seq - right.seq)
    return { chain, checked, firstBroken: inOrder[0] ?? null, findings: inOrder }
  }
  return {
    /** Rows in the order of `seq` and `id`, following those taken before. */
    take: (rows: readonly AuditLog[]): void => {
      for (const row of rows) checkRow(row)
      checked += rows.length
    },
    /** What was found, where the chain goes on. */
    pause: report,
    /** What was found, where the rows end with the chain. */
    end: (head: HeadRow | null): ChainReport => {
      checkHead(head)
      return report()
    },
  }
}

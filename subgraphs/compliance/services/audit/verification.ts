import type { KeyObject } from 'node:crypto'
import type { FilterQuery } from '@mikro-orm/core'
import { aggregate } from '#kernel/db/aggregates.ts'
import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import { AuditChain } from '../../entities/audit-chain.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { ALL_CHAINS, headMacOf } from './entry.ts'
import { type ChainReport, createVerifier, type Finding, MOST_FINDINGS } from './verify.ts'

export type VerificationDeps = { database: Database; chainKey: KeyObject }

export type VerificationRequest = {
  chain: string
  /** Where to begin; what stands before is believed. The beginning of the chain if absent. */
  fromSeq?: number
  /** Entries at most; the whole chain if absent. */
  limit?: number
  signal?: AbortSignal
  onProgress?: (progress: { chain: string; checked: number }) => void
}

export type Verification = ChainReport & {
  /** True where all of the chain was looked at; false as soon as something was found; else null. */
  isWhole: boolean | null
  /** Where to go on; null at the end of the chain, where its head is known. */
  nextSeq: number | null
  headSeq: number | null
  headHash: string | null
}

const NO_HEAD = { headSeq: null, headHash: null }

/** True where there is nothing: no entry, no head, and so nothing that could be whole. */
export const isNothing = ({ checked, nextSeq, headSeq, findings }: Verification): boolean =>
  checked === 0 && nextSeq === null && headSeq === null && findings.length === 0

function toVerification(
  report: ChainReport,
  { fromSeq = 1 }: VerificationRequest,
  rest: Omit<Verification, keyof ChainReport | 'isWhole'>,
): Verification {
  const isAll = fromSeq <= 1 && rest.nextSeq === null
  const isWhole = report.findings.length > 0 ? false : isAll || null
  return { ...report, ...rest, isWhole }
}

const PAGE = 500

type Place = { seq: number; id: string }
/** A place that was looked at, one from which on (without an id), or the beginning. */
type Start = Place | { seq: number; id: null } | null

/** Columns of ids: SQLite keeps any text there, which is then no id and cannot be loaded as one. */
const ID_COLUMNS = ['tenantId', 'guildId', 'userId', 'resourceNumber'] as const
/** What stands for a value that cannot be loaded: equal to nothing that was hashed. */
const UNREADABLE = '(unreadable)'

type Direction = 'asc' | 'desc'
type Query = {
  where: FilterQuery<AuditLog>
  limit: number
  orderBy: { seq: Direction; id: Direction }
}

const optionsOf = ({ limit, orderBy }: Query) => ({ orderBy, limit, disableIdentityMap: true })

/** One row's unreadable columns, by trying each of them. */
async function acrossTenantsUnreadable(em: SqlEntityManager, id: string) {
  const unreadable: Partial<Record<(typeof ID_COLUMNS)[number], string>> = {}
  for (const column of ID_COLUMNS) {
    await em
      .findOne(AuditLog, { id }, { fields: [column], disableIdentityMap: true })
      .catch((failure: unknown) => {
        if (!isDomainError(failure, 'ID_INVALID')) throw failure
        unreadable[column] = UNREADABLE
      })
  }
  return unreadable
}

/** Rows one by one, where a page holds some that cannot be loaded whole. */
async function acrossTenantsRowsApart(em: SqlEntityManager, query: Query): Promise<AuditLog[]> {
  const places = await em.find(AuditLog, query.where, {
    ...optionsOf(query),
    fields: ['id', 'seq'],
  })
  const rows: AuditLog[] = []
  for (const { id } of places) {
    const unreadable = await acrossTenantsUnreadable(em, id)
    const exclude = Object.keys(unreadable) as (typeof ID_COLUMNS)[number][]
    const row = await em.findOne(AuditLog, { id }, { exclude, disableIdentityMap: true })
    if (row) rows.push({ ...(row as AuditLog), ...unreadable })
  }
  return rows
}

async function acrossTenantsRows(em: SqlEntityManager, query: Query): Promise<AuditLog[]> {
  try {
    return await em.find(AuditLog, query.where, optionsOf(query))
  } catch (failure) {
    if (!isDomainError(failure, 'ID_INVALID')) throw failure
    return acrossTenantsRowsApart(em, query)
  }
}

/** Rows after a place, or from it on; before the first place stands null, so that no row can hide there. */
function acrossTenantsRowsAfter(
  em: SqlEntityManager,
  { chain, after, limit, below }: { chain: string; after: Start; limit: number; below?: number },
): Promise<AuditLog[]> {
  const isFrom = after?.id === null
  const follows = isFrom ? { seq: { $gte: after.seq } } : after && followsOf(after)
  const ends = below === undefined ? {} : { seq: { $lt: below } }
  const where = { $and: [{ chain }, follows ?? {}, ends] }
  return acrossTenantsRows(em, { where, limit, orderBy: { seq: 'asc', id: 'asc' } })
}

const followsOf = ({ seq, id }: Place) => ({
  $or: [{ seq: { $gt: seq } }, { seq, id: { $gt: id } }],
})

/**
 * What stands before the first place that is checked: the row of the newest place below, of several
 * the first, as a look from the beginning takes them; and the surplus, all else up to that first
 * place. The part before may have ended ahead of it, so each part looks at the surplus before it.
 */
async function acrossTenantsBefore(
  open: () => SqlEntityManager,
  { chain, fromSeq = 1 }: VerificationRequest,
): Promise<{ before: AuditLog | null; surplus: readonly AuditLog[] }> {
  if (fromSeq <= 1) return { before: null, surplus: [] }
  const where = { chain, seq: { $lte: fromSeq - 1 } }
  const orderBy = { seq: 'desc', id: 'asc' } as const
  const [before = null] = await acrossTenantsRows(open(), { where, limit: 1, orderBy })
  if (!before) return { before, surplus: [] }
  const between = { chain, after: before, below: fromSeq, limit: MOST_FINDINGS }
  return { before, surplus: await acrossTenantsRowsAfter(open(), between) }
}

const isPlace = (seq: number, previous: number) => seq >= previous && seq <= Number.MAX_SAFE_INTEGER

/**
 * Pages of a chain. Text in place of a number sorts behind all numbers, whatever it is taken for:
 * where places no longer grow, or are too high for one, the chain is at its end.
 */
async function* acrossTenantsPages(
  open: () => SqlEntityManager,
  { chain, after: first, limit }: { chain: string; after: Start; limit: number },
): AsyncGenerator<{ rows: readonly AuditLog[]; isEnd: boolean }, void> {
  let after = first
  for (let left = limit; left > 0; ) {
    const page = Math.min(PAGE, left)
    const rows = await acrossTenantsRowsAfter(open(), { chain, after, limit: page })
    left -= rows.length
    const places = [after?.seq ?? Number.NEGATIVE_INFINITY, ...rows.map(({ seq }) => seq)]
    const isLost = places.some((seq, at) => at > 0 && !isPlace(seq, places[at - 1] ?? seq))
    yield { rows, isEnd: isLost || rows.length === 0 }
    if (isLost) return
    after = rows.at(-1) ?? after
  }
}

/**
 * Looks again at every entry of a chain, page by page. A chain may grow meanwhile: its head is read
 * after a page that is not full, and what was appended in between is looked at before it counts.
 */
export async function acrossTenantsVerify(
  { database, chainKey }: VerificationDeps,
  request: VerificationRequest,
): Promise<Verification> {
  const { chain, fromSeq = 1, limit = Number.MAX_SAFE_INTEGER, signal } = request
  const open = () => database.acrossTenants()
  const { before, surplus } = await acrossTenantsBefore(open, request)
  const verifier = createVerifier({ chain, key: chainKey, after: before })
  verifier.take(surplus)
  const after = fromSeq <= 1 ? null : { seq: fromSeq, id: null }
  let [head, checked, last] = [await open().findOne(AuditChain, { chain }), surplus.length, fromSeq]
  for await (const { rows, isEnd } of acrossTenantsPages(open, { chain, after, limit })) {
    signal?.throwIfAborted()
    verifier.take(rows)
    checked += rows.length
    last = Math.max(last, Math.floor(rows.at(-1)?.seq ?? last))
    request.onProgress?.({ chain, checked })
    if (isEnd) {
      const end = head && { headSeq: head.seq, headHash: head.hash }
      return toVerification(verifier.end(head), request, { nextSeq: null, ...(end ?? NO_HEAD) })
    }
    // Older than the empty page that ends the chain, and no older than the rows before it.
    head = await open().findOne(AuditChain, { chain })
  }
  return toVerification(verifier.pause(), request, { nextSeq: last + 1, ...NO_HEAD })
}

/** What is wrong with the count of all entries; its findings name ids in place of places. */
export type CountReport = { entries: number; counted: number; findings: readonly Finding[] }

/** The first id that no entry has, among those up to `highest`, of which some are missing. */
async function acrossTenantsFirstMissing(
  countUpTo: (id: number) => Promise<number>,
  highest: number,
): Promise<number> {
  let [whole, broken] = [0, highest]
  while (broken - whole > 1) {
    const middle = Math.floor((whole + broken) / 2)
    if ((await countUpTo(middle)) === middle) whole = middle
    else broken = middle
  }
  return broken
}

/** What the count itself is worth; without it nothing may stand at all. */
function checkCount(
  chainKey: KeyObject,
  all: AuditChain | null,
  { highest, heads }: { highest: number; heads: number },
): Finding[] {
  if (!all) return highest + heads === 0 ? [] : [{ seq: highest, kind: 'head', column: null }]
  const isOurs = headMacOf(chainKey, all) === all.mac
  return [
    ...(isOurs ? [] : [{ seq: all.seq, kind: 'head' as const, column: 'mac' }]),
    ...(highest > all.seq ? [{ seq: all.seq + 1, kind: 'beyond' as const, column: null }] : []),
  ]
}

/**
 * Whether as many entries stand as were appended over all chains: were a whole chain taken away with
 * its head, no chain would miss it. Without the count, any entry or head is one too many.
 */
export async function acrossTenantsVerifyCount({
  database,
  chainKey,
}: VerificationDeps): Promise<CountReport> {
  // Read before the count: what is appended in between is counted with its commit.
  const [newest] = await database
    .acrossTenants()
    .find(
      AuditLog,
      {},
      { fields: ['id'], orderBy: { id: 'desc' }, limit: 1, disableIdentityMap: true },
    )
  const heads = await database.acrossTenants().count(AuditChain, { chain: { $ne: ALL_CHAINS } })
  const all = await database.acrossTenants().findOne(AuditChain, { chain: ALL_CHAINS })
  const countUpTo = (id: number) =>
    database.acrossTenants().count(AuditLog, { id: { $lte: String(id) } })
  const counted = all?.seq ?? 0
  // Ids are dense and begin at 1; what was appended since the count was read has a higher one.
  const entries = counted > 0 ? await countUpTo(counted) : 0
  const findings = checkCount(chainKey, all, { highest: Number(newest?.id ?? 0), heads })
  if (entries !== counted) {
    const seq = await acrossTenantsFirstMissing(countUpTo, counted)
    findings.push({ seq, kind: 'missing', column: null })
  }
  return { entries, counted, findings }
}

/** The chains that stand, and those that entries name although they have no head. */
export async function acrossTenantsChains({
  database,
}: Pick<VerificationDeps, 'database'>): Promise<string[]> {
  const heads = await database.acrossTenants().find(AuditChain, { chain: { $ne: ALL_CHAINS } })
  const named = await aggregate(database.acrossTenants(), AuditLog, {
    where: {},
    groupBy: ['chain'],
    measured: [],
  })
  const chains = [...heads.map(({ chain }) => chain), ...named.map(({ group }) => group.chain)]
  return [...new Set(chains.flatMap((chain) => chain ?? []))].sort()
}

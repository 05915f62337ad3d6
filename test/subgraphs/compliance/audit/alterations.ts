import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { canonicalText } from '#kernel/audit/canonical.ts'
import { createManualClock } from '#kernel/clock.ts'
import { toHmacKey } from '#kernel/crypto/keyed-hash.ts'
import type { Database } from '#kernel/db/database.ts'
import { acrossTenantsVerifyAll } from '#subgraphs/compliance/services/audit/checks.ts'
import {
  entryMacOf,
  GENESIS,
  hashOf,
  headMacOf,
} from '#subgraphs/compliance/services/audit/entry.ts'
import {
  acrossTenantsVerify,
  acrossTenantsVerifyCount,
} from '#subgraphs/compliance/services/audit/verification.ts'
import type { Finding, FindingKind } from '#subgraphs/compliance/services/audit/verify.ts'
import { acrossTenantsCompareHeads } from '#subgraphs/compliance/services/audit/witness.ts'
import { CHAIN_KEY, inParts } from './audit-kit.ts'

/**
 * Every way in which somebody with the database, but without the operator's key, may alter a copy of
 * the audit log; each says where and as what it has to be found.
 */

type Value = string | number | null
type Row = Record<string, Value> & { id: number; seq: number; canonical: string }

/** Where the first finding has to be, and what it may be. */
export type Expected = {
  seqs: readonly number[]
  kinds: readonly FindingKind[]
  /** Who has to find it, where it is not the verification of the chain. */
  by?: 'count' | 'heads'
}

/** Audit tables that may be spoilt: without triggers and unique keys, restored after each alteration. */
export type Copy = {
  database: Database
  chain: string
  run: (sql: string, values?: readonly Value[]) => Promise<unknown>
  rows: () => Promise<Row[]>
  update: (row: Row, changes: Record<string, Value>) => Promise<void>
  insert: (row: Row) => Promise<void>
  restore: () => Promise<void>
  /** A file of the heads as they were before. */
  heads: string
  /** In parts of so many entries the chain is looked at; at once if absent. */
  limit?: number
}

const TABLES = ['audit_logs', 'audit_chains'] as const

/** Takes the guards off the audit tables of a database that is there to be spoilt. */
export async function openCopy(database: Database, chain = 'tenant:1'): Promise<Copy> {
  const connection = () => database.orm.em.fork().getConnection() as never as SqlConnection
  const run: Copy['run'] = (sql, values = []) => connection().execute(sql, [...values], 'all')
  for (const event of ['update', 'delete']) await run(`drop trigger audit_logs_no_${event}`)
  for (const index of ['uniq_audit_delivery', 'uniq_audit_place']) {
    await run(`drop index ${index}${database.engine === 'sqlite' ? '' : ' on audit_logs'}`)
  }
  for (const table of TABLES) await run(`create table ${table}_kept as select * from ${table}`)
  const folder = await mkdtemp(join(tmpdir(), 'audit-heads-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const heads = join(folder, 'heads.jsonl')
  const clock = createManualClock(new Date(0))
  const deps = { database, chainKey: CHAIN_KEY }
  await acrossTenantsVerifyAll(deps, { heads: { path: heads, clock } })
  return {
    database,
    chain,
    heads,
    run,
    rows: async () =>
      (await run('select * from audit_logs where chain = ? order by seq, id', [chain])) as Row[],
    update: async ({ id }, changes) => {
      const names = Object.keys(changes)
      const sets = names.map((name) => `\`${name}\` = ?`).join(', ')
      await run(`update audit_logs set ${sets} where id = ?`, [...Object.values(changes), id])
    },
    insert: async (row) => {
      const names = Object.keys(row)
      const places = names.map(() => '?').join(', ')
      const columns = names.map((name) => `\`${name}\``).join(', ')
      await run(`insert into audit_logs (${columns}) values (${places})`, Object.values(row))
    },
    restore: async () => {
      for (const table of TABLES) {
        await run(`delete from ${table}`)
        await run(`insert into ${table} select * from ${table}_kept`)
      }
    },
  }
}

type SqlConnection = {
  execute: (sql: string, values: unknown[], method: 'all') => Promise<unknown>
}

/** An alteration at a place: 0 is the first entry, just below 1 the last. */
export type Alteration = (copy: Copy, place: number) => Promise<Expected>

const at = (rows: readonly Row[], place: number): Row =>
  rows[Math.min(rows.length - 1, Math.floor(place * rows.length))] as Row

const last = (rows: readonly Row[]): Row => rows.at(-1) as Row

/** Another value that the column may hold. */
function otherValue(column: string, value: Value): Value {
  if (column === 'action_data') return '{"forged":true}'
  if (column === 'canonical') return String(value).replace('"v":1', '"v":2')
  if (typeof value === 'number') return value + 1_000_000
  if (value === null) return column.endsWith('_id') && !/key|session/.test(column) ? 77 : 'x'
  // A time of MariaDB: another millisecond, another day of the month would not always exist.
  if (/^\d+$/.test(value)) return `${value.slice(0, -1)}${(Number(value.at(-1)) + 1) % 10}`
  if (/^\d{4}-\d\d-\d\d /.test(value))
    return value.replace(/\d$/, (digit) => `${(+digit + 1) % 10}`)
  const first = value.startsWith('a') ? 'b' : 'a'
  return `${first}${value.slice(1)}`
}

const COLUMN_KINDS: Readonly<Record<string, readonly FindingKind[]>> = {
  seq: ['missing'],
  chain: ['missing'],
  canonical: ['hash', 'canonical'],
  entry_hash: ['hash'],
  entry_mac: ['mac'],
  prev_hash: ['prev'],
}

/** The columns of an entry, as the migrations make them. */
export const COLUMNS = [
  ...['id', 'tenant_id', 'guild_id', 'chain', 'seq', 'source', 'delivery_key', 'user_id'],
  ...['actor_kind', 'key_id', 'session_id', 'service_name', 'request_id', 'action_type', 'outcome'],
  ...['resource_type', 'resource_id', 'resource_key', 'action_data', 'ip_address', 'user_agent'],
  ...['timestamp', 'recorded_at', 'canonical', 'prev_hash', 'entry_hash', 'entry_mac'],
] as const

const alterColumn =
  (column: string): Alteration =>
  async (copy, place) => {
    const row = at(await copy.rows(), place)
    await copy.update(row, { [column]: otherValue(column, row[column] ?? null) })
    return { seqs: [row.seq], kinds: COLUMN_KINDS[column] ?? ['column'] }
  }

const FALSE_KEY = toHmacKey(Buffer.alloc(32, 1))

/** A row made anew, consistent in itself, by somebody without the key. */
function forge(row: Row, changes: Record<string, unknown>): Row {
  const canonical = canonicalText({ ...JSON.parse(row.canonical), ...changes }, 100_000) as string
  const hash = hashOf(canonical)
  const entry = JSON.parse(canonical) as { seq: number; prev: string; id: string }
  return {
    ...row,
    ...{ id: Number(entry.id), seq: entry.seq, prev_hash: entry.prev },
    ...{ canonical, entry_hash: hash, entry_mac: entryMacOf(FALSE_KEY, hash) },
  }
}

const forgedSource = (row: Row) => (row.source === 'ai' ? 'tenancy' : 'ai')

async function forgeTail({ rows, update, run, chain }: Copy, place: number) {
  const all = await rows()
  const from = at(all, place)
  let prev = String(from.prev_hash)
  for (const row of all.filter(({ seq }) => seq >= from.seq)) {
    const source = row === from ? forgedSource(row) : row.source
    const { id: _id, ...forged } = forge({ ...row, source: source as string }, { prev, source })
    await update(row, forged)
    prev = String(forged.entry_hash)
  }
  const { seq } = last(all)
  const mac = headMacOf(FALSE_KEY, { chain, seq, hash: prev })
  await run('update audit_chains set hash = ?, mac = ? where chain = ?', [prev, mac, chain])
  return from
}

const deleteAt = async (copy: Copy, row: Row): Promise<Expected> => {
  await copy.run('delete from audit_logs where id = ?', [row.id])
  return { seqs: [row.seq], kinds: ['missing'] }
}

const setHead =
  (changes: (head: { seq: number; hash: string }, rows: readonly Row[]) => Record<string, Value>) =>
  async (copy: Copy): Promise<Expected> => {
    const rows = await copy.rows()
    const end = last(rows)
    const set = changes({ seq: end.seq, hash: String(end.entry_hash) }, rows)
    const sets = Object.keys(set).map((name) => `${name} = ?`)
    await copy.run(`update audit_chains set ${sets.join(', ')} where chain = ?`, [
      ...Object.values(set),
      copy.chain,
    ])
    return { seqs: [end.seq - 1, end.seq, end.seq + 1], kinds: ['head', 'missing', 'beyond'] }
  }

async function renumber({ run, chain }: Copy, from: Row): Promise<void> {
  await run('update audit_logs set seq = seq + 1 where chain = ? and seq >= ?', [chain, from.seq])
}

const OF_A_CHAIN: Readonly<Record<string, Alteration>> = {
  ...Object.fromEntries(COLUMNS.map((column) => [`column ${column}`, alterColumn(column)])),
  'bytes and hash made anew': async (copy, place) => {
    const row = at(await copy.rows(), place)
    const source = forgedSource(row)
    const { entry_mac: _mac, ...forged } = forge({ ...row, source }, { source })
    await copy.update(row, forged)
    return { seqs: [row.seq], kinds: ['mac'] }
  },
  'a whole row made anew with another key': async (copy, place) => {
    const row = at(await copy.rows(), place)
    const source = forgedSource(row)
    await copy.update(row, forge({ ...row, source }, { source }))
    return { seqs: [row.seq], kinds: ['mac'] }
  },
  'two rows swapped': async (copy, place) => {
    const rows = await copy.rows()
    const one = at(rows, place)
    const other = one === last(rows) ? (rows[0] as Row) : last(rows)
    await copy.update(one, { seq: other.seq })
    await copy.update(other, { seq: one.seq })
    return { seqs: [Math.min(one.seq, other.seq)], kinds: ['prev', 'column'] }
  },
  'two rows changed over but for their ids and places': async (copy, place) => {
    const rows = await copy.rows()
    const one = at(rows, place)
    const other = one === last(rows) ? (rows[0] as Row) : last(rows)
    const without = ({ id: _id, seq: _seq, ...rest }: Row) => rest
    await copy.update(one, without(other) as Record<string, Value>)
    await copy.update(other, without(one) as Record<string, Value>)
    return { seqs: [Math.min(one.seq, other.seq)], kinds: ['prev', 'column'] }
  },
  'the first row deleted': async (copy) => deleteAt(copy, (await copy.rows())[0] as Row),
  'a row deleted': async (copy, place) => deleteAt(copy, at(await copy.rows(), place)),
  'the last row deleted': async (copy) => deleteAt(copy, last(await copy.rows())),
  'a forged row at the end': async (copy) => {
    const end = last(await copy.rows())
    const place = { id: String(end.id + 1_000), seq: end.seq + 1, prev: end.entry_hash }
    await copy.insert(forge(end, place))
    return { seqs: [end.seq + 1], kinds: ['mac', 'beyond'] }
  },
  'a forged row at the end, and the head moved': async (copy) => {
    const end = last(await copy.rows())
    const seq = end.seq + 1
    const forged = forge(end, { id: String(end.id + 1_000), seq, prev: end.entry_hash })
    await copy.insert(forged)
    await copy.run('update audit_chains set seq = ?, hash = ?, mac = ? where chain = ?', [
      ...[seq, String(forged.entry_hash), String(forged.entry_mac), copy.chain],
    ])
    return { seqs: [seq], kinds: ['mac'] }
  },
  'a forged row put between': async (copy, place) => {
    const row = at(await copy.rows(), place)
    await renumber(copy, row)
    await copy.insert(forge(row, { id: String(row.id + 1_000_000), prev: row.prev_hash }))
    return { seqs: [row.seq], kinds: ['mac'] }
  },
  'a row doubled in its place': async (copy, place) => {
    const row = at(await copy.rows(), place)
    await copy.insert({ ...row, id: row.id + 1_000_000 })
    return { seqs: [row.seq], kinds: ['duplicate'] }
  },
  'a row doubled at the end': async (copy, place) => {
    const rows = await copy.rows()
    const { seq } = last(rows)
    await copy.insert({ ...at(rows, place), id: last(rows).id + 1_000_000, seq: seq + 1 })
    return { seqs: [seq + 1], kinds: ['prev', 'column', 'beyond'] }
  },
  'the tail renumbered': async (copy, place) => {
    const row = at(await copy.rows(), place)
    await renumber(copy, row)
    return { seqs: [row.seq], kinds: ['missing'] }
  },
  'a row deleted and the tail renumbered over it': async (copy, place) => {
    const rows = await copy.rows()
    const row = at(rows, place)
    await deleteAt(copy, row)
    await copy.run('update audit_logs set seq = seq - 1 where chain = ? and seq > ?', [
      ...[copy.chain, row.seq],
    ])
    const isLast = row === last(rows)
    return { seqs: [row.seq], kinds: isLast ? ['missing'] : ['prev', 'column'] }
  },
  'the tail made anew with another key': async (copy, place) => {
    const { seq } = await forgeTail(copy, place)
    return { seqs: [seq], kinds: ['mac'] }
  },
  'the chain made anew with another key': async (copy) => {
    await forgeTail(copy, 0)
    return { seqs: [1], kinds: ['mac'] }
  },
  'the head set back': setHead((_head, rows) => ({ seq: rows.length - 1 })),
  'the head set forward': setHead(({ seq }) => ({ seq: seq + 1 })),
  'the head’s hash changed': setHead(({ hash }) => ({ hash: otherValue('hash', hash) })),
  'the head’s mac changed': setHead(({ hash }) => ({ mac: hash.slice(0, 43) })),
  'the head deleted': async (copy) => {
    await copy.run('delete from audit_chains where chain = ?', [copy.chain])
    return { seqs: [last(await copy.rows()).seq], kinds: ['head'] }
  },
  'head and tail cut together': async (copy, place) => {
    const rows = await copy.rows()
    const kept = at(rows.slice(0, -1), place)
    await copy.run('delete from audit_logs where chain = ? and seq > ?', [copy.chain, kept.seq])
    await copy.run('update audit_chains set seq = ?, hash = ?, mac = ? where chain = ?', [
      ...[kept.seq, String(kept.entry_hash), String(kept.entry_mac), copy.chain],
    ])
    return { seqs: [kept.seq], kinds: ['head'] }
  },
  'all rows cut with the head': async (copy) => {
    await copy.run('delete from audit_logs where chain = ?', [copy.chain])
    await copy.run(`update audit_chains set seq = 0, hash = '${GENESIS}' where chain = ?`, [
      copy.chain,
    ])
    return { seqs: [0], kinds: ['head'] }
  },
}

export type Outcome = { expected: Expected; found: Finding | null; isLocated: boolean }

const isWithin = ({ seqs, kinds }: Expected, found: Finding | null) =>
  found !== null && seqs.includes(found.seq) && kinds.includes(found.kind)

/** The head rows as they were when an entry was the newest: whoever kept a copy has them. */
async function putHeadsBack({ run }: Copy, newest: Row): Promise<void> {
  const rows = (await run('select * from audit_logs order by id')) as Row[]
  await run('delete from audit_logs where id > ?', [newest.id])
  const kept = rows.filter(({ id }) => id <= newest.id)
  const setTo = async (chain: string, seq: number, hash: string) => {
    const mac = headMacOf(CHAIN_KEY, { chain, seq, hash })
    const values = [seq, hash, mac, chain]
    await run('update audit_chains set seq = ?, hash = ?, mac = ? where chain = ?', values)
  }
  for (const chain of new Set(rows.map((row) => String(row.chain)))) {
    const end = kept.findLast((row) => row.chain === chain)
    if (end) await setTo(chain, end.seq, String(end.entry_hash))
    else await run('delete from audit_chains where chain = ?', [chain])
  }
  await setTo('all', newest.id, GENESIS)
}

/** What no chain can see of itself. */
const OF_THE_WHOLE: Readonly<Record<string, Alteration>> = {
  'a chain removed with its head': async (copy) => {
    const first = (await copy.rows())[0] as Row
    for (const table of TABLES) await copy.run(`delete from ${table} where chain = ?`, [copy.chain])
    return { seqs: [first.id], kinds: ['missing'], by: 'count' }
  },
  'a chain removed with its head and the count': async (copy) => {
    for (const table of TABLES) await copy.run(`delete from ${table} where chain = ?`, [copy.chain])
    await copy.run("delete from audit_chains where chain = 'all'")
    const [{ id }] = (await copy.run('select max(id) as id from audit_logs')) as [{ id: number }]
    return { seqs: [id], kinds: ['head'], by: 'count' }
  },
  'the count set back': async (copy, place) => {
    const row = at((await copy.rows()).slice(0, -1), place)
    const mac = headMacOf(CHAIN_KEY, { chain: 'all', seq: row.id, hash: GENESIS })
    await copy.run("update audit_chains set seq = ?, mac = ? where chain = 'all'", [row.id, mac])
    return { seqs: [row.id + 1], kinds: ['beyond'], by: 'count' }
  },
  'the whole log emptied': async (copy) => {
    for (const table of TABLES) await copy.run(`delete from ${table}`)
    return { seqs: [1], kinds: ['missing'], by: 'heads' }
  },
  'the log cut and all heads put back as they were': async (copy, place) => {
    const newest = at((await copy.rows()).slice(0, -1), place)
    await putHeadsBack(copy, newest)
    return { seqs: [newest.seq + 1], kinds: ['missing'], by: 'heads' }
  },
}

/** Every kind of alteration by its name; those of columns are `column <name>`. */
export const ALTERATIONS: Readonly<Record<string, Alteration>> = { ...OF_A_CHAIN, ...OF_THE_WHOLE }

/** The first finding of whoever has to find it. */
async function findFirst(
  { database, chain, heads, limit }: Copy,
  by: Expected['by'],
): Promise<Finding | null> {
  const deps = { database, chainKey: CHAIN_KEY }
  if (by === 'count') return (await acrossTenantsVerifyCount(deps)).findings[0] ?? null
  if (by === undefined && limit !== undefined) {
    const parts = await inParts({ database }, limit)
    return parts.find(({ firstBroken }) => firstBroken)?.firstBroken ?? null
  }
  if (by === undefined) return (await acrossTenantsVerify(deps, { chain })).firstBroken
  // Nothing that stands in the database tells of it.
  const inside = await acrossTenantsVerifyAll(deps)
  if (inside.findings > 0) throw new Error('the database alone tells of it')
  const { findings } = await acrossTenantsCompareHeads({ ...deps, path: heads }, chain)
  return findings[0] ?? null
}

/** Alters the copy, looks at it, and puts everything back. */
export async function alterAndVerify(copy: Copy, kind: string, place: number): Promise<Outcome> {
  const alteration = ALTERATIONS[kind]
  if (!alteration) throw new Error(`there is no alteration ${kind}`)
  try {
    const expected = await alteration(copy, place)
    const found = await findFirst(copy, expected.by)
    return { expected, found, isLocated: isWithin(expected, found) }
  } finally {
    await copy.restore()
  }
}

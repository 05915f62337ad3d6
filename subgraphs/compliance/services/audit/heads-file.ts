import type { KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Database } from '#kernel/db/database.ts'
import { headMacOf } from './entry.ts'

export const HEADS_FILE = 'audit-heads.jsonl'

/** A line: where a chain ended when it was last seen whole. */
const Head = z.strictObject({
  at: z.iso.datetime(),
  chain: z.string().max(40),
  seq: z.int().min(0),
  hash: z.string().length(64),
  mac: z.string().max(64),
})
export type RememberedHead = z.infer<typeof Head>

/** The heads that a file remembers, by chain, and its lines that are none or not ours. */
export type Remembered = { heads: Map<string, RememberedHead>; broken: readonly number[] }

function readHead(line: string, key: KeyObject): RememberedHead | null {
  try {
    const { data = null } = Head.safeParse(JSON.parse(line))
    return data !== null && headMacOf(key, data) === data.mac ? data : null
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}

const isAbsent = (failure: unknown) =>
  failure instanceof Error && 'code' in failure && failure.code === 'ENOENT'

/** The furthest head of each chain; nothing where there is no file yet. */
export async function readHeads(path: string, key: KeyObject): Promise<Remembered> {
  const heads = new Map<string, RememberedHead>()
  const broken: number[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
      number += 1
      if (line === '') continue
      const head = readHead(line, key)
      if (!head) broken.push(number)
      else if (head.seq >= (heads.get(head.chain)?.seq ?? 0)) heads.set(head.chain, head)
    }
  } catch (failure) {
    if (!isAbsent(failure)) throw failure
  }
  return { heads, broken }
}

/** Adds lines for its owner alone to read, on the disk when it resolves. */
export async function appendHeads(path: string, heads: readonly RememberedHead[]): Promise<void> {
  if (heads.length === 0) return
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(heads.map((head) => `${JSON.stringify(head)}\n`).join(''))
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The file beside a database of the embedded run; null where the database is a server or memory. */
export function headsFileOf({ engine, orm }: Pick<Database, 'engine' | 'orm'>): string | null {
  const path = orm.config.get('dbName')
  if (engine !== 'sqlite' || !path || path === ':memory:') return null
  return join(dirname(path), HEADS_FILE)
}

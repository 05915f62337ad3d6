import { type Finding, finding, surplus } from './books-findings.ts'
import type { Store } from './books-store.ts'
import { type Deed, type DeedKind, describe, isAccepted } from './kills-journal.ts'

/** Where the row stands that a deed made: its key's owner, the key, the id it answered with. */
const ROWS: Readonly<Record<Exclude<DeedKind, 'result'>, string>> = {
  deposit: `select substr(key_owner, 6) as owner, idempotency_key as name, id from transfers
    where kind = 'deposit' and key_owner like 'user:%'`,
  bet: 'select user_id as owner, idempotency_key as name, id from bets',
  cashOut: `select user_id as owner, cash_out_key as name, id from bets
    where cash_out_key is not null`,
}

/** What the writers were told, held against what stands. */
export async function checkAccepted(store: Store, deeds: readonly Deed[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const kind of ['deposit', 'bet', 'cashOut'] as const) {
    const rows = await store.ask('analytics', ROWS[kind])
    const stored = rows.map(({ owner, name, id }) => `${owner} ${name} ${id}`)
    const own = deeds.filter((deed) => deed.kind === kind)
    const told = own.filter(isAccepted).map(({ userId, key, id }) => `${userId} ${key} ${id}`)
    findings.push(
      finding(`accepted and missing: ${kind}`, surplus(told, stored)),
      finding(`stored and not accepted, or doubled: ${kind}`, surplus(stored, told)),
    )
  }
  return findings
}

/** What was answered under a key, held against what its repetition answers. */
export const checkRepeated = (
  deeds: readonly Deed[],
  repeated: readonly Pick<Deed, 'id' | 'code'>[],
): Finding =>
  finding(
    'accepted deeds whose repetition answers otherwise',
    deeds.flatMap((deed, index) => {
      const again = repeated[index]
      return again?.id === deed.id && again.code === deed.code ? [] : [describe(deed)]
    }),
  )

import { checkAccepted } from './books-accepted.ts'
import { checkAudit } from './books-audit.ts'
import { checkClearances, checkSettled } from './books-clearances.ts'
import { checkEvents } from './books-events.ts'
import { type Finding, finding } from './books-findings.ts'
import { checkLedger } from './books-ledger.ts'
import type { Store } from './books-store.ts'
import { checkFollowers, type PortfolioFollower } from './kills-followers.ts'
import { type Deed, describe, isHonest } from './kills-journal.ts'

/** What was done and seen from outside, to be held against the books. */
export type Witnessed = { deeds: readonly Deed[]; followers: readonly PortfolioFollower[] }

/** All checks on what a platform left. */
export async function checkBooks(
  store: Store,
  { deeds, followers }: Witnessed,
): Promise<Finding[]> {
  const dishonest = deeds.filter((deed) => !isHonest(deed)).map(describe)
  return [
    finding('deeds refused for a reason that no writer gave', dishonest),
    ...(await checkAccepted(store, deeds)),
    ...(await checkLedger(store)),
    ...(await checkAudit(store)),
    ...(await checkEvents(store)),
    ...(await checkFollowers(store, followers)),
    ...(await checkClearances(store)),
    ...(await checkSettled(store)),
  ]
}

const COUNTED = {
  transfers: 'select count(*) as held from transfers',
  'ledger entries': 'select count(*) as held from ledger_entries',
  bets: 'select count(*) as held from bets',
  'bets settled': `select count(*) as held from bets where settlements > 0`,
  'bets corrected': `select count(*) as held from bets where settlements > 1`,
  'bets cashed out': 'select count(*) as held from bets where cash_out_key is not null',
} as const

/** How many rows there are, by what they are. */
export async function countRows(store: Store): Promise<Record<string, number>> {
  const counted = await Promise.all(
    Object.entries(COUNTED).map(async ([name, sql]) => {
      const [row] = await store.ask('analytics', sql)
      return [name, Number(row?.held)] as const
    }),
  )
  const [audit] = await store.ask('compliance', 'select count(*) as held from audit_logs')
  return { ...Object.fromEntries(counted), 'audit entries': Number(audit?.held) }
}

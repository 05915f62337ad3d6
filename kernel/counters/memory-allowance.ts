import { LRUCache } from 'lru-cache'
import { growingTo } from '../cache-bounds.ts'
import type { Clock } from '../clock.ts'
import type { Allowance, AllowanceBounds } from './allowance.ts'

/** Subjects can be invented by whoever asks: the one not seen for longest gives way. */
const MOST_SUBJECTS = 50_000

/** Points within this process. */
export function createMemoryAllowance(
  { most: highest, perSecond }: AllowanceBounds,
  clock: Clock,
): Allowance {
  const known = new LRUCache<string, { held: number; at: number }>(growingTo(MOST_SUBJECTS))
  const accountOf = (subject: string) => {
    const now = clock.now().getTime()
    const account = known.get(subject) ?? { held: highest, at: now }
    const passed = Math.max(0, now - account.at)
    account.held = Math.min(highest, account.held + (passed * perSecond) / 1000)
    account.at = now
    known.set(subject, account)
    return account
  }
  return {
    take: async (subject, { least, most }) => {
      const account = accountOf(subject)
      const granted = account.held >= least ? Math.min(account.held, most) : 0
      account.held -= granted
      return { granted, left: account.held }
    },
    giveBack: async (subject, points) => {
      const account = accountOf(subject)
      account.held = Math.min(highest, account.held + Math.max(0, points))
    },
  }
}

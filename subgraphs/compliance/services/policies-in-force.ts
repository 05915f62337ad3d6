import type { CompliancePolicy } from '../entities/compliance-policy.ts'

/** The dates of a version; all that decides what is in force. */
export type Dated = Pick<CompliancePolicy, 'id' | 'effectiveFrom'> & {
  effectiveUntil?: Date | null | undefined
}

export type PolicyStatus = 'scheduled' | 'in_force' | 'superseded' | 'retired'

/** Retired before it began: as if it had never been. */
const isVoid = ({ effectiveFrom, effectiveUntil }: Dated) =>
  effectiveUntil != null && effectiveUntil <= effectiveFrom

/** Which of two began later; of two that begin at once, the one published later. */
function isLater(one: Dated, other: Dated): boolean {
  const apart = one.effectiveFrom.getTime() - other.effectiveFrom.getTime()
  return apart === 0 ? BigInt(one.id) > BigInt(other.id) : apart > 0
}

function lastOf<Version extends Dated>(versions: readonly Version[]): Version | null {
  return versions.reduce<Version | null>(
    (last, version) => (last === null || isLater(version, last) ? version : last),
    null,
  )
}

/**
 * The version of one owner's policy that holds at a time: the last that began. Where that one was
 * retired none holds, for what it followed does not come back.
 */
export function inForceAt<Version extends Dated>(
  versions: readonly Version[],
  at: Date,
): Version | null {
  const last = lastOf(versions.filter((version) => !isVoid(version) && version.effectiveFrom <= at))
  const isEnded = last?.effectiveUntil != null && last.effectiveUntil <= at
  return isEnded ? null : last
}

/** When a version ends or ended: retired, or followed by the next; null while neither is known. */
export function endOf(version: Dated, versions: readonly Dated[]): Date | null {
  if (isVoid(version)) return version.effectiveUntil ?? null
  const followers = versions.filter((other) => !isVoid(other) && isLater(other, version))
  const ends = [version.effectiveUntil, ...followers.map(({ effectiveFrom }) => effectiveFrom)]
  const known = ends.flatMap((end) => (end == null ? [] : [end.getTime()]))
  return known.length === 0 ? null : new Date(Math.min(...known))
}

/** Where a version stands among its owner's versions at a time. */
export function statusAt(version: Dated, versions: readonly Dated[], at: Date): PolicyStatus {
  if (version.effectiveUntil != null && version.effectiveUntil <= at) return 'retired'
  if (version.effectiveFrom > at) return 'scheduled'
  return inForceAt(versions, at)?.id === version.id ? 'in_force' : 'superseded'
}

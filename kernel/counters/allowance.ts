/** How many points stand at most, and how many come back in each second. */
export type AllowanceBounds = { most: number; perSecond: number }

/** What was granted, and what is left for others. */
export type Grant = { granted: number; left: number }

/** Points by subject, known or not, that come back with time; nobody's are ever below nothing. */
export type Allowance = {
  /** As many as there are, up to `most`; none at all where there are fewer than `least`. */
  take: (subject: string, asked: { least: number; most: number }) => Promise<Grant>
  /** Points that were not needed after all; never more stand than may. */
  giveBack: (subject: string, points: number) => Promise<void>
}

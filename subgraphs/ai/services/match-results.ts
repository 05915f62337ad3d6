import { LockMode } from '@mikro-orm/core'
import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { afterCommit } from '#kernel/db/transaction-scope.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Delivery, InboxHandlers } from '#kernel/service/subgraph.ts'
import { MatchResult } from '../entities/match-result.ts'
import { aiError } from '../errors.ts'

const goals = z.int().min(0).max(99)
const Payload = z.object({
  fixtureId: z.string().refine(isDecimalId),
  competition: z.string().max(64),
  home: z.string().max(64),
  away: z.string().max(64),
  startsAt: z.iso.datetime().transform((text) => new Date(text)),
  homeGoals: goals.nullish(),
  awayGoals: goals.nullish(),
  resultVersion: z.int().min(1),
  isSimulated: z.boolean(),
  /** Absent in messages that waited since before it was told: those are rated by nobody. */
  isReplayed: z.boolean().optional(),
})

export type ResultDeps = {
  clock: Clock
  /** A result stands: ratings and scores have to follow. */
  onStored: () => void
}

/** @throws RESULT_DELIVERY_INVALID */
function readResult({ kind, payload }: Delivery) {
  const parsed = Payload.safeParse(payload)
  if (!parsed.success) throw aiError('RESULT_DELIVERY_INVALID', {}, { cause: parsed.error })
  const { startsAt, homeGoals = null, awayGoals = null, isReplayed, ...facts } = parsed.data
  const isScored = kind === 'fixture.finished'
  if (isScored && (homeGoals === null || awayGoals === null)) {
    throw aiError('RESULT_DELIVERY_INVALID')
  }
  return {
    ...facts,
    homeGoals: isScored ? homeGoals : null,
    awayGoals: isScored ? awayGoals : null,
    playedAt: startsAt,
    isRated: !facts.isSimulated && isReplayed === false,
    isScoringDue: true,
  }
}

/** The newest version stands, in whatever order they come and however often. */
async function store(tx: SqlEntityManager, delivery: Delivery, { clock, onStored }: ResultDeps) {
  const result = { ...readResult(delivery), updatedAt: clock.now() }
  const { fixtureId, resultVersion } = result
  // Locked, so that an older version that comes at the same time cannot overwrite a newer one.
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE } as const
  const known = await tx.findOne(MatchResult, { fixtureId }, lock)
  if (known && known.resultVersion >= resultVersion) return
  if (known) Object.assign(known, result)
  else tx.persist(tx.create(MatchResult, result))
  await tx.flush()
  afterCommit(onStored)
}

/** What analytics tells of results: known, corrected, or of a match that was abandoned. */
export function createResultDeliveries(deps: ResultDeps): InboxHandlers {
  const take = (tx: SqlEntityManager, delivery: Delivery) => store(tx, delivery, deps)
  return { 'fixture.finished': take, 'fixture.abandoned': take }
}

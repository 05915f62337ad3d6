import { aggregate } from '#kernel/db/aggregates.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { AiPrediction } from '../entities/ai-prediction.ts'
import type { FixtureFacts } from './fixture-facts.ts'
import type { NewPrediction } from './make-prediction.ts'
import type { AiRequest } from './request.ts'

/** How often a store that met another one is repeated. */
const TRIES = 5

type Reading = Pick<AiRequest, 'acrossTenants'>
type ByFixture = Map<string, AiPrediction>

const byFixture = (rows: readonly AiPrediction[]): ByFixture =>
  new Map(rows.map((row) => [row.fixtureId, row]))

/** Predictions of fixtures belong to nobody, so everyone reads the same. */
export async function acrossTenantsInSlot(
  { acrossTenants }: Reading,
  { modelId, slot }: { modelId: string; slot: number },
  fixtureIds: readonly string[],
): Promise<ByFixture> {
  const where = { modelId, slot, fixtureId: { $in: [...fixtureIds] } }
  return byFixture(await acrossTenants().find(AiPrediction, where))
}

/** Those of the fixtures that a model has said something of, whenever that was. */
export async function acrossTenantsPredicted(
  { acrossTenants }: Reading,
  modelId: string,
  fixtureIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (fixtureIds.length === 0) return new Set()
  const rows = await aggregate(acrossTenants(), AiPrediction, {
    where: { modelId, fixtureId: { $in: [...fixtureIds] } },
    groupBy: ['fixtureId'],
    measured: [],
  })
  return new Set(rows.map(({ group }) => String(group.fixtureId)))
}

/** The last prediction of each fixture that was made before its kick-off, in two queries. */
export async function acrossTenantsLastBefore(
  { acrossTenants }: Reading,
  fixtures: readonly FixtureFacts[],
): Promise<ByFixture> {
  if (fixtures.length === 0) return new Map()
  const $or = fixtures.map(({ id, startsAt }) => ({ fixtureId: id, createdAt: { $lt: startsAt } }))
  const newest = await aggregate(acrossTenants(), AiPrediction, {
    where: { $or },
    groupBy: ['fixtureId'],
    measured: ['id'],
  })
  const ids = newest.map(({ measures }) => String(measures.max.id))
  return byFixture(await acrossTenants().find(AiPrediction, { id: { $in: ids } }))
}

/** @returns false when another process stored one of them meanwhile: then none was */
async function acrossTenantsInsert(
  { acrossTenants }: Reading,
  drafts: readonly NewPrediction[],
): Promise<boolean> {
  return transactional(acrossTenants(), async (tx) => {
    for (const draft of drafts) tx.persist(tx.create(AiPrediction, draft))
    return flushUnlessTaken(tx)
  })
}

/**
 * Stores predictions, one for each fixture of a model's slot: where another asker was first, that
 * one's stands, and both are shown it.
 */
export async function acrossTenantsStore(
  reading: Reading,
  drafts: readonly NewPrediction[],
): Promise<ByFixture> {
  const [first] = drafts
  if (!first) return new Map()
  const ids = drafts.map(({ fixtureId }) => fixtureId)
  let missing = drafts.toSorted((one, other) => (one.fixtureId < other.fixtureId ? -1 : 1))
  for (let tries = 1; ; tries++) {
    await acrossTenantsInsert(reading, missing)
    const stored = await acrossTenantsInSlot(reading, first, ids)
    missing = missing.filter(({ fixtureId }) => !stored.has(fixtureId))
    if (missing.length === 0) return stored
    // Beyond reason: others store as fast as this one reads.
    if (tries === TRIES) throw new Error('predictions could not be stored')
  }
}

import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
import { MatchResult } from '../entities/match-result.ts'
import { applyResult, createMatchState, type MatchState } from './forecast/match-state.ts'
import { teamNameOf } from './forecast/team-names.ts'
import type { LoadedModel } from './model-source.ts'

const DAY_MS = 86_400_000
/** Results read at once while the ratings are rebuilt. */
const RESULTS_AT_ONCE = 1_000

type Cached = { fileHash: string; stamp: string; state: Promise<MatchState> }

export type Ratings = ReturnType<typeof createRatings>

/** Results in order of their kick-off, after those that the model was trained on. */
async function* resultsAfter(open: () => SqlEntityManager, trainedThrough: string) {
  let position = { playedAt: new Date(Date.parse(trainedThrough) + DAY_MS), id: '1' }
  for (;;) {
    const { playedAt, id } = position
    const rows = await open().find(
      MatchResult,
      {
        ...{ isRated: true, homeGoals: { $ne: null }, awayGoals: { $ne: null } },
        $or: [{ playedAt: { $gt: playedAt } }, { playedAt, id: { $gte: id } }],
      },
      { orderBy: { playedAt: 'asc', id: 'asc' }, limit: RESULTS_AT_ONCE },
    )
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < RESULTS_AT_ONCE) return
    position = { playedAt: last.playedAt, id: String(BigInt(last.id) + 1n) }
  }
}

async function rebuild(open: () => SqlEntityManager, { model }: LoadedModel): Promise<MatchState> {
  const state = createMatchState(model)
  const isKnown = (team: string) => state.teams.has(team)
  for await (const row of resultsAfter(open, model.trainedThrough)) {
    const { competition, homeGoals, awayGoals, playedAt } = row
    if (homeGoals == null || awayGoals == null) continue
    const [home, away] = [teamNameOf(row.home, isKnown), teamNameOf(row.away, isKnown)]
    applyResult(state, { competition, home, away, homeGoals, awayGoals, playedAt })
  }
  return state
}

/**
 * The model's ratings with all results since: rebuilt from its snapshot when a result has come, was
 * corrected or taken back, here or in another process; else kept. Results that arrive out of order
 * are thus learnt in the order of their kick-offs.
 */
export function createRatings(database: Database) {
  const open = () => database.fork({ kind: 'none' })
  let cached: Cached | null = null
  const stampOf = async (): Promise<string> => {
    const newest = await open().findOne(
      MatchResult,
      { isRated: true },
      { orderBy: { updatedAt: 'desc', id: 'desc' } },
    )
    return newest ? `${newest.id}:${newest.resultVersion}:${newest.updatedAt.getTime()}` : ''
  }
  return {
    /** What is returned is shared: read it, never change it. */
    of: async (loaded: LoadedModel): Promise<MatchState> => {
      const { fileHash } = loaded
      const stamp = await stampOf()
      if (cached?.fileHash === fileHash && cached.stamp === stamp) return cached.state
      const entry: Cached = { fileHash, stamp, state: rebuild(open, loaded) }
      cached = entry
      entry.state.catch(() => {
        if (cached === entry) cached = null
      })
      return entry.state
    },
    /** A result has come in this process. */
    forget: (): void => {
      cached = null
    },
  }
}

import { serviceViewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { isDomainError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { createLoop } from '#kernel/jobs/loop.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { BetLeg } from '../../entities/bet-leg.ts'
import { Fixture } from '../../entities/fixture.ts'
import { type SettleDeps, settleBet } from './settle-bet.ts'

export type SettlementDeps = Pick<
  SubgraphDeps,
  'database' | 'clock' | 'randomness' | 'audit' | 'events' | 'log'
>

/** How often new results are looked for. */
const POLL_MS = 500
const FIXTURES_AT_ONCE = 20
const LEGS_AT_ONCE = 200
/** How long a fixture waits after one of its bets could not be settled. */
const PAUSE_AFTER_FAILURE_MS = 10_000

const viewerOf = ({ randomness }: SettlementDeps) =>
  serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(randomness),
  })

type Settling = { deps: SettleDeps & SettlementDeps; signal: AbortSignal }

/** The next legs that an older version of the result, or none, was applied to. */
const acrossTenantsFindLegs = (
  { deps }: Settling,
  { id: fixtureId, resultVersion }: Fixture,
  after: string | null,
) =>
  deps.database.acrossTenants().find(
    BetLeg,
    {
      ...{ fixtureId, resultVersion: { $lt: resultVersion } },
      ...(after !== null && { id: { $gt: after } }),
    },
    { orderBy: { id: 'asc' }, limit: LEGS_AT_ONCE },
  )

/** One bet that cannot be settled must not keep the others waiting: it is logged, and tried again later. */
async function tryBet({ deps }: Settling, leg: BetLeg): Promise<boolean> {
  const { tenantId, guildId, betId } = leg
  try {
    await settleBet(deps, { tenantId, guildId }, betId)
    return true
  } catch (failure) {
    const code = isDomainError(failure) ? failure.code : 'Error'
    deps.log.error({ err: failure, code, betId }, 'a bet was not settled and is tried again')
    return false
  }
}

/** Settles all bets on a fixture. @returns whether every one was */
async function settleBets(settling: Settling, fixture: Fixture): Promise<boolean> {
  let areSettled = true
  for (let after: string | null = null; ; ) {
    const legs = await acrossTenantsFindLegs(settling, fixture, after)
    for (const leg of legs) {
      if (settling.signal.aborted) return false
      areSettled = (await tryBet(settling, leg)) && areSettled
    }
    const last = legs.at(-1)
    if (!last) return areSettled
    after = last.id
  }
}

/** Where the result changed meanwhile, the fixture stays due. */
async function acrossTenantsSettleFixture(settling: Settling, fixture: Fixture): Promise<void> {
  const { database, clock } = settling.deps
  const { id, resultVersion } = fixture
  const areSettled = await settleBets(settling, fixture)
  if (settling.signal.aborted) return
  const later = new Date(clock.now().getTime() + PAUSE_AFTER_FAILURE_MS)
  await updateWhere(database.acrossTenants(), Fixture, {
    where: { id, resultVersion },
    set: areSettled
      ? { settledVersion: resultVersion, settlementDueAt: null }
      : { settlementDueAt: later },
  })
}

/** @returns how many fixtures were due */
async function acrossTenantsSettleDue(settling: Settling): Promise<number> {
  const { database, clock } = settling.deps
  const fixtures = await database
    .acrossTenants()
    .find(
      Fixture,
      { settlementDueAt: { $lte: clock.now() } },
      { orderBy: { settlementDueAt: 'asc', id: 'asc' }, limit: FIXTURES_AT_ONCE },
    )
  for (const fixture of fixtures) {
    if (settling.signal.aborted) break
    await acrossTenantsSettleFixture(settling, fixture)
  }
  return fixtures.length
}

/**
 * Settles bets whenever results become known, change or are taken back. Several processes may do so at once: each
 * bet is brought to the newest result in a transaction of its own, and once is as good as twice.
 */
export function createSettlement(deps: SettlementDeps) {
  const toSettling = (signal: AbortSignal): Settling => ({
    deps: { ...deps, viewer: viewerOf(deps) },
    signal,
  })
  const settleDue = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && (await acrossTenantsSettleDue(toSettling(signal))) > 0);
  }
  return {
    /** Settles until nothing is due; a stop comes between two bets. */
    settleDue,
    /** Looks for new results twice a second. */
    start: () => {
      const stopping = new AbortController()
      const loop = createLoop({
        name: 'settlement',
        round: () => settleDue(stopping.signal),
        pauseMilliseconds: POLL_MS,
        log: deps.log,
      })
      loop.start()
      return {
        stop: async (): Promise<void> => {
          stopping.abort()
          await loop.stop()
        },
      }
    },
  }
}

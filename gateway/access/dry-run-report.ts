import { Counter, type Registry } from 'prom-client'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Logger } from '#kernel/log.ts'
import type { FilteredOperation } from './filter-operation.ts'

/** Tells the operator what a dry run would have refused; clients hear nothing of it. */
export type DryRunReport = (operation: FilteredOperation, viewer: Viewer) => void

/** Names of operations that are counted apart; clients choose them, so that there must be a bound. */
const MOST_NAMES = 200
/** Places that one line of the log names. */
const MOST_PLACES = 20

/** A log line and a count by the operation's name for every operation that would have been touched. */
export function createDryRunReport({
  registry,
  log,
}: {
  registry: Registry
  log: Logger
}): DryRunReport {
  const counter = new Counter({
    name: 'dbsbm_gateway_dry_run_refusals_total',
    help: 'Operations of a dry run of which access rules would have taken out something, by name.',
    labelNames: ['operation'],
    registers: [registry],
  })
  const names = new Set<string>()
  const labelOf = (name: string | null) => {
    if (name === null) return 'unnamed'
    if (names.size < MOST_NAMES) names.add(name)
    return names.has(name) ? name : 'other'
  }
  return ({ wouldRefuse = [], operationName }, { requestId, kind }) => {
    if (wouldRefuse.length === 0) return
    counter.inc({ operation: labelOf(operationName) })
    const refused = wouldRefuse
      .slice(0, MOST_PLACES)
      .map(({ path, coordinate, stage }) => ({ path: path.join('.'), coordinate, stage }))
    const said = { operationName, requestId, viewer: kind, places: wouldRefuse.length, refused }
    log.warn(said, 'dry run: access rules would have refused parts of an operation')
  }
}

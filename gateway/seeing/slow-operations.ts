import type { Logger } from '#kernel/log.ts'
import { documentHashOf } from './document-hash.ts'
import type { NodeRecord } from './node-record.ts'
import type { OperationRecord } from './operation-record.ts'
import type { Ending } from './seeing.ts'
import { shapesOf } from './variable-shapes.ts'

/** Writes down operations that took longer than a threshold. */
export type SlowOperations = {
  look: (record: OperationRecord, ending: Ending) => void
  /** Tells what was kept from the log and not told yet. */
  close: () => void
}

export type SlowOperationsDeps = {
  thresholdMs: number
  linesPerMinute: number
  log: Logger
  /** Told of each, also of those that are not written. */
  count: () => void
  /** Milliseconds that only go forward. */
  now: () => number
}

const MINUTE_MS = 60_000
const TEXT = 'a slow operation'
const LONGEST_NAME = 64

const rounded = (ms: number) => Math.round(ms * 10) / 10

type SubgraphTimes = Record<string, { fetches: number; ms: number; longestMs: number }>

/** Fetches that ran beside each other count each: the sum says what was asked, not what was waited. */
function subgraphTimes(nodes: readonly NodeRecord[], times: SubgraphTimes = {}): SubgraphTimes {
  for (const { node, ms, children } of nodes) {
    subgraphTimes(children, times)
    if (node.kind !== 'Fetch' || ms === null) continue
    const known = times[node.serviceName] ?? { fetches: 0, ms: 0, longestMs: 0 }
    times[node.serviceName] = {
      fetches: known.fetches + 1,
      ms: rounded(known.ms + ms),
      longestMs: rounded(Math.max(known.longestMs, ms)),
    }
  }
  return times
}

function lineOf(record: OperationRecord, { asking, variables, result }: Ending, ms: number) {
  const { stages, seen } = record
  const { operation, executed, plan, cost } = seen
  const declared = operation?.operation.variableDefinitions ?? []
  return {
    requestId: asking.requestId,
    operation: operation?.operationName?.slice(0, LONGEST_NAME) ?? null,
    kind: operation?.operation.operation ?? null,
    document: operation ? documentHashOf(operation) : null,
    ms: rounded(ms),
    stages: Object.fromEntries(stages.map(({ stage, from, to }) => [stage, rounded(to - from)])),
    isPlanKnown: plan?.isKnown ?? null,
    subgraphs: subgraphTimes(executed?.children ?? []),
    ...(cost === null ? {} : { cost }),
    errors: result?.errors?.length ?? 0,
    variables: shapesOf(
      declared.map(({ variable }) => variable.name.value),
      variables,
    ),
  }
}

/** At most so many lines a minute; how many more there were is told with the first of the next. */
export function createSlowOperations(deps: SlowOperationsDeps): SlowOperations {
  const { thresholdMs, linesPerMinute, log, now } = deps
  let beganAt = now()
  let written = 0
  let suppressed = 0

  const turnMinute = () => {
    if (now() - beganAt < MINUTE_MS) return
    beganAt = now()
    written = 0
  }
  const tellSuppressed = () => {
    const told = suppressed > 0 ? { suppressed } : {}
    suppressed = 0
    return told
  }
  return {
    look(record, ending) {
      const ms = now() - record.startedAt
      if (ms < thresholdMs) return
      deps.count()
      turnMinute()
      if (written >= linesPerMinute) {
        suppressed++
        return
      }
      written++
      log.warn({ ...lineOf(record, ending, ms), ...tellSuppressed() }, TEXT)
    },
    close() {
      if (suppressed > 0) log.warn(tellSuppressed(), 'slow operations were not written down')
    },
  }
}

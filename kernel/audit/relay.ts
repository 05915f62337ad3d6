import type { Clock } from '../clock.ts'
import type { Database } from '../db/database.ts'
import type { Randomness } from '../ids.ts'
import { createLoop } from '../jobs/loop.ts'
import { backOffMilliseconds, nameOfFailure } from '../jobs/run-job.ts'
import type { Logger } from '../log.ts'
import { withinTimeLimit } from '../time-limit.ts'
import { type Backlog, createBacklog, REFUSALS_UNTIL_POISONED } from './backlog.ts'
import { hasAnswered } from './delivery-failure.ts'
import { auditError } from './errors.ts'
import type { OutboxRow } from './outbox-row.ts'

/** A message as its receiver gets it; `payload` is canonical JSON (RFC 8785), to be hashed as it is. */
export type OutboxDelivery = Readonly<
  Pick<OutboxRow, 'key' | 'kind' | 'aggregate' | 'payload' | 'at'>
>

export type OutboxReceiver = {
  /**
   * Takes messages in order and answers, after its own commit, the keys that it has applied or had
   * applied before. When one of an aggregate fails it applies none that follow in that aggregate.
   */
  deliver: (rows: readonly OutboxDelivery[], signal: AbortSignal) => Promise<readonly string[]>
}

export type RelaySettings = {
  /** Messages in one delivery. */
  batchLimit?: number
  /** The longest wait before the table is looked at again. */
  pollMilliseconds?: number
  /** The shortest time between two rounds: what is sent in between travels together. */
  breathMilliseconds?: number
  /** How long a receiver may take to answer. */
  deliverMilliseconds?: number
  /** The pause after a first failure; it doubles with every further one, to a minute. */
  backOffMilliseconds?: number
}

export type RelayDeps = {
  database: Database
  /** By name; messages to others wait. */
  receivers: Readonly<Record<string, OutboxReceiver>>
  clock: Clock
  randomness: Randomness
  log: Logger
  settings?: RelaySettings
}

export type Relay = ReturnType<typeof createRelay>

const DEFAULTS = {
  batchLimit: 100,
  pollMilliseconds: 1_000,
  breathMilliseconds: 100,
  deliverMilliseconds: 10_000,
  backOffMilliseconds: 500,
}
/** Deliveries to one receiver before the round gives way. */
const BATCHES_PER_ROUND = 100
/** Aggregates that fail one after the other until the receiver itself is held to be down. */
const FAILURES_UNTIL_DOWN = 3
/** Aggregates refused one after the other until the round gives way: it may be the receiver after all. */
const REFUSALS_UNTIL_PAUSE = 20
/** Between half and all of it passes before a poisoned message is tried again. */
const POISONED_PAUSE_MILLISECONDS = 3_600_000
/** How long a count of poisoned messages is good for. */
const COUNT_KEPT_MILLISECONDS = 10_000
/** Short enough that a receiver which comes back is not kept waiting. */
const LONGEST_PAUSE_MILLISECONDS = 60_000

/** Delivers to one receiver what waits for it. */
function createCourier(
  name: string,
  receiver: OutboxReceiver,
  deps: RelayDeps & { backlog: Backlog },
) {
  const { backlog, clock, log, randomness } = deps
  const {
    batchLimit,
    deliverMilliseconds,
    pollMilliseconds,
    backOffMilliseconds: base,
  } = {
    ...DEFAULTS,
    ...deps.settings,
  }
  let failuresInARow = 0
  /** It is not looked before, though it be woken: the receiver is down, or another process at work for it. */
  let restUntil = 0
  const pauseAfter = (failures: number) =>
    clock.now().getTime() +
    backOffMilliseconds(failures, { base, randomness, longest: LONGEST_PAUSE_MILLISECONDS })
  const poisonedUntil = () =>
    clock.now().getTime() +
    backOffMilliseconds(1, { base: POISONED_PAUSE_MILLISECONDS, randomness })

  /** @returns the keys that the receiver took */
  const deliver = async (rows: readonly OutboxRow[], stopping: AbortSignal) => {
    const deliveries = rows.map(({ key, kind, aggregate, payload, at }) => ({
      key,
      kind,
      aggregate,
      payload,
      at,
    }))
    const onTimeout = () => auditError('OUTBOX_TIMED_OUT')
    const taken = await withinTimeLimit(
      { timeoutMs: deliverMilliseconds, onTimeout, signal: stopping },
      (signal) => receiver.deliver(deliveries, signal),
    )
    return new Set(taken)
  }
  const holdBack = async (row: OutboxRow, failure: unknown): Promise<void> => {
    const { key, kind } = row
    const isAnswered = hasAnswered(failure)
    const attempts = backlog.attemptsAfter(row, isAnswered)
    const isPoisoned = attempts >= REFUSALS_UNTIL_POISONED
    const told = { err: failure, receiver: name, key, kind, attempts }
    if (isPoisoned) log.error(told, 'a message is poisoned: its aggregate waits')
    else log.warn(told, 'a message was not delivered')
    const until = new Date(isPoisoned ? poisonedUntil() : pauseAfter(row.attempts + 1))
    await backlog.holdBack(row, { until, lastError: nameOfFailure(failure), isAnswered })
  }
  /**
   * Marks what was taken; the first row of an aggregate that was not holds the others back. Where another process sent
   * the same, this one gives way to it until its next regular look: together they would send everything twice.
   */
  const settle = async (rows: readonly OutboxRow[], taken: ReadonlySet<string>): Promise<void> => {
    const isAlone = await backlog.markSent(rows.filter(({ key }) => taken.has(key)))
    if (!isAlone) restUntil = clock.now().getTime() + pollMilliseconds / 2
    const left = rows.filter(({ key }) => !taken.has(key))
    for (const [first] of Map.groupBy(left, (row) => row.aggregate).values()) {
      if (first) await holdBack(first, auditError('OUTBOX_NOT_ACCEPTED'))
    }
  }
  /**
   * After a delivery failed whole: each aggregate alone, so that one bad message stops only its own.
   * @returns whether the next batch may follow at once
   */
  const deliverApart = async (groups: Iterable<readonly OutboxRow[]>, stopping: AbortSignal) => {
    let [silences, refusals] = [0, 0]
    for (const group of groups) {
      try {
        await settle(group, await deliver(group, stopping))
        silences = 0
        refusals = 0
      } catch (failure) {
        stopping.throwIfAborted()
        if (group[0]) await holdBack(group[0], failure)
        silences = hasAnswered(failure) ? 0 : silences + 1
        refusals += 1
        if (silences === FAILURES_UNTIL_DOWN) throw failure
        if (refusals === REFUSALS_UNTIL_PAUSE) return false
      }
    }
    return true
  }
  /** @returns whether the next batch may follow at once */
  const deliverBatch = async (rows: readonly OutboxRow[], stopping: AbortSignal) => {
    const groups = Map.groupBy(rows, (row) => row.aggregate)
    try {
      await settle(rows, await deliver(rows, stopping))
    } catch (failure) {
      stopping.throwIfAborted()
      log.warn({ err: failure, receiver: name }, 'a delivery failed')
      if (groups.size > 1) return deliverApart(groups.values(), stopping)
      if (rows[0]) await holdBack(rows[0], failure)
    }
    return true
  }

  const isResting = () => clock.now().getTime() < restUntil

  return async (stopping: AbortSignal): Promise<void> => {
    try {
      for (let batch = 0; batch < BATCHES_PER_ROUND && !stopping.aborted; batch++) {
        if (isResting()) return
        const rows = await backlog.next(name, batchLimit)
        if (rows.length === 0) return
        const mayFollow = await deliverBatch(rows, stopping)
        failuresInARow = 0
        if (!mayFollow) return
      }
    } catch (failure) {
      if (stopping.aborted) return
      failuresInARow += 1
      restUntil = pauseAfter(failuresInARow)
      log.error({ err: failure, receiver: name, failures: failuresInARow }, 'a receiver is down')
    }
  }
}

/** How many messages their receivers refuse for good, counted now and then. */
function createPoisonedCount({ receivers, clock }: RelayDeps, backlog: Backlog) {
  let counted: { count: Promise<number>; until: number } | null = null
  const sum = async () => {
    const counts = await Promise.all(Object.keys(receivers).map(backlog.countPoisoned))
    return counts.reduce((total, count) => total + count, 0)
  }
  return (): Promise<number> => {
    const now = clock.now().getTime()
    if (counted && now < counted.until) return counted.count
    const entry = { count: sum(), until: now + COUNT_KEPT_MILLISECONDS }
    counted = entry
    entry.count.catch(() => {
      if (counted === entry) counted = null
    })
    return entry.count
  }
}

/**
 * Carries the outbox to its receivers: at least once, in order within an aggregate, marked as sent
 * only after the receiver's answer. Several processes of a subgraph may each run one (docs/adr/0021).
 */
export function createRelay(deps: RelayDeps) {
  const backlog = createBacklog(deps)
  const { pollMilliseconds, breathMilliseconds } = { ...DEFAULTS, ...deps.settings }
  let stopping = new AbortController()
  // A loop for each: a receiver that hangs keeps no other waiting.
  const loops = new Map(
    Object.entries(deps.receivers).map(([name, receiver]) => {
      const carry = createCourier(name, receiver, { ...deps, backlog })
      const loop = createLoop({
        name: `relay to ${name}`,
        round: () => carry(stopping.signal),
        pauseMilliseconds: pollMilliseconds,
        breathMilliseconds,
        log: deps.log,
      })
      return [name, loop]
    }),
  )
  return {
    start: (): void => {
      stopping = new AbortController()
      for (const loop of loops.values()) loop.start()
    },
    /** Has the relay look at once for what waits for a receiver; for the outbox, after a commit. */
    wake: (receiver: string): void => loops.get(receiver)?.wake(),
    /** Breaks off the delivery under way; what it did not mark is delivered again. */
    stop: async (): Promise<void> => {
      stopping.abort()
      await Promise.all([...loops.values()].map((loop) => loop.stop()))
    },
    /** How many messages wait for a receiver, registered or not. */
    waiting: (receiver: string): Promise<number> => backlog.count(receiver),
    /**
     * How many messages were refused so often that they are tried about once an hour, as of the last
     * ten seconds: each holds its aggregate back until its receiver takes it.
     */
    poisoned: createPoisonedCount(deps, backlog),
    /** Forgets messages sent before a time. @returns how many */
    prune: (sentBefore: Date): Promise<number> => backlog.prune(sentBefore),
  }
}

import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { flushUnlessTaken, updateWhere } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { forkInside } from '../db/fork-inside.ts'
import { afterCommit, isInTransaction } from '../db/transaction-scope.ts'
import { newId, type Randomness } from '../ids.ts'
import { canonicalText } from './canonical.ts'
import { auditError } from './errors.ts'
import { OutboxLane } from './outbox-lane.ts'
import { OutboxRow } from './outbox-row.ts'

export type OutboxDeps = {
  clock: Clock
  randomness: Randomness
  /** Told the receiver after the commit, so that the relay need not wait for its next look. */
  wake?: (receiver: string) => void
}

export type Message = {
  /** Name of the receiver as the relay knows it. */
  receiver: string
  /** What the message tells. */
  kind: string
  /** Messages of one aggregate arrive in the order of their commits, such as `guild:12`. */
  aggregate: string
  /** JSON, at most 60 kB. */
  payload: unknown
  /**
   * The open transaction has made the aggregate: nobody else can write for it before the commit, so the message waits
   * for nobody and keeps nobody waiting.
   */
  isFirst?: boolean
  /** Idempotency key; a new one when absent. A key that was used is not sent twice. */
  key?: string
}

export type Outbox = ReturnType<typeof createOutbox>

const LANES = 64
const MAX_PAYLOAD_BYTES = 60_000
const NAMES = {
  receiver: /^[\w.:-]{1,30}$/,
  kind: /^[\w.:-]{1,60}$/,
  aggregate: /^[\w.:-]{1,100}$/,
  key: /^[\w.:-]{1,64}$/,
}

function laneOf({ receiver, aggregate }: Message): number {
  return createHash('sha256').update(`${receiver}\n${aggregate}`).digest().readUInt8() % LANES
}

async function makeLane(tx: SqlEntityManager, lane: number): Promise<void> {
  const own = forkInside(tx)
  if (await own.findOne(OutboxLane, { lane })) return
  own.persist(own.create(OutboxLane, { lane, passed: 0 }))
  // False: another writer made the lane meanwhile, which is as good.
  await flushUnlessTaken(own)
}

/** Lanes are entered one writer at a time: whoever enters keeps the others waiting until commit. */
function createLanes() {
  const made = new Set<number>()
  const enterOnce = (tx: SqlEntityManager, lane: number) =>
    updateWhere(forkInside(tx), OutboxLane, {
      where: { lane },
      add: { passed: 1 },
    })
  return async (tx: SqlEntityManager, lane: number): Promise<void> => {
    // Not by trying the update first: where no row is, it would lock the whole gap on InnoDB.
    if (!made.has(lane)) await makeLane(tx, lane)
    made.add(lane)
    if ((await enterOnce(tx, lane)) > 0) return
    // The transaction that made it was rolled back.
    await makeLane(tx, lane)
    await enterOnce(tx, lane)
  }
}

/** @returns the payload's canonical text; @throws OUTBOX_INVALID */
function checkMessage(message: Message & { key: string }): string {
  const text = canonicalText(message.payload, MAX_PAYLOAD_BYTES)
  const isNamed = (['receiver', 'kind', 'aggregate', 'key'] as const).every((name) =>
    NAMES[name].test(message[name]),
  )
  if (text === null || !isNamed) throw auditError('OUTBOX_INVALID')
  return text
}

type Keyed = Message & { key: string }

type NewRow = Omit<OutboxRow, 'id' | 'sentAt' | 'lastError'>

/** The lanes that these messages pass, in one order: of two who send the same, none waits for the other's second. */
const lanesOf = (messages: readonly Message[]) =>
  [...new Set(messages.filter(({ isFirst }) => !isFirst).map(laneOf))].sort((one, two) => one - two)

/** False when one of the keys stands already, with nothing written. */
function writeRows(tx: SqlEntityManager, rows: readonly NewRow[]): Promise<boolean> {
  const own = forkInside(tx)
  for (const row of rows) own.persist(own.create(OutboxRow, row))
  return flushUnlessTaken(own)
}

/** Messages to other services, written with the change that they tell of. */
export function createOutbox({ clock, randomness, wake = () => {} }: OutboxDeps) {
  const enterLane = createLanes()
  const toRow = (message: Keyed): NewRow => {
    const now = clock.now()
    const { receiver, kind, aggregate, key } = message
    const payload = checkMessage(message)
    return { receiver, kind, aggregate, key, payload, at: now, attempts: 0, nextTryAt: now }
  }
  const write = async (tx: SqlEntityManager, rows: readonly NewRow[]): Promise<void> => {
    if (await writeRows(tx, rows)) {
      const receivers = new Set(rows.map(({ receiver }) => receiver))
      for (const receiver of receivers) afterCommit(() => wake(receiver))
      return
    }
    // Those whose keys do not stand yet are sent all the same.
    if (rows.length > 1) for (const row of rows) await write(tx, [row])
  }
  const sendAll = async (tx: SqlEntityManager, messages: readonly Message[]) => {
    if (!isInTransaction()) throw new Error('a message is sent only inside a transaction')
    const keyed = messages.map((message) => ({ key: newId(randomness), ...message }))
    const rows = keyed.map(toRow)
    for (const lane of lanesOf(messages)) await enterLane(tx, lane)
    await write(tx, rows)
    return keyed.map(({ key }) => key)
  }
  return {
    /**
     * Writes messages in the open transaction of `tx`, in their order and by one statement; the relay delivers them
     * after the commit. Writers of one aggregate wait for each other until commit: send last.
     * @returns their idempotency keys; @throws OUTBOX_INVALID
     */
    sendAll,
    /** As `sendAll`, of one. @returns its idempotency key; @throws OUTBOX_INVALID */
    send: async (tx: SqlEntityManager, message: Message): Promise<string> => {
      const [key] = await sendAll(tx, [message])
      return key as string
    },
  }
}

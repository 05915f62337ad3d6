import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createInbox } from '#kernel/audit/inbox.ts'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay, type OutboxDelivery, type OutboxReceiver } from '#kernel/audit/relay.ts'
import { systemClock } from '#kernel/clock.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { silentLog, type TestDatabase } from '../../kit/database.ts'
import { waitFor } from '../jobs/job-kit.ts'

const deps = { clock: systemClock, randomness: systemRandomness }
const CHANGED_MIND = new Error('the transaction is rolled back')

type Send = { aggregate: string; isCommitted: boolean }
type Plan = { senders: Send[][]; failures: boolean[] }

const plans: fc.Arbitrary<Plan> = fc.record({
  senders: fc.array(
    fc.array(
      fc.record({
        aggregate: fc.constantFrom('guild:1', 'guild:2', 'guild:3'),
        isCommitted: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  // Which deliveries get no answer, though half of them were applied.
  failures: fc.array(fc.boolean(), { maxLength: 6 }),
})

/** A receiver that applies each key once, as an inbox does, and sometimes loses its answer. */
function createForgetfulReceiver(failures: boolean[]) {
  const applied: OutboxDelivery[] = []
  const keys = new Set<string>()
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    const isLost = failures.shift() === true
    const taken = isLost ? rows.slice(0, Math.ceil(rows.length / 2)) : rows
    for (const row of taken) {
      if (!keys.has(row.key)) applied.push(row)
      keys.add(row.key)
    }
    if (isLost) throw new Error('no answer')
    return taken.map(({ key }) => key)
  }
  return { applied, receiver: { deliver } satisfies OutboxReceiver }
}

/** What outbox, relay and inbox must keep true on every engine. */
export function describeOutbox(
  name: string,
  { openDatabase, runs }: { openDatabase: () => Promise<TestDatabase>; runs: number },
) {
  describe(`the outbox on ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await openDatabase()
    })
    beforeEach(async () => {
      await deleteWhere(database.acrossTenants(), OutboxRow, {})
      await deleteWhere(database.acrossTenants(), OutboxLane, {})
      await deleteWhere(database.acrossTenants(), InboxRow, {})
    })
    afterAll(() => database[Symbol.asyncDispose]())

    /** Sends in one transaction; the order of commits within an aggregate is what `order` records. */
    async function send({ aggregate, isCommitted }: Send, wake: (receiver: string) => void) {
      const outbox = createOutbox({ ...deps, wake })
      const message = { receiver: 'identity', kind: 'guild.moved', aggregate, payload: {} }
      const work = transactional(database.acrossTenants(), async (tx) => {
        const key = await outbox.send(tx, message)
        if (!isCommitted) throw CHANGED_MIND
        return key
      })
      return work.catch((failure: unknown) => {
        if (failure !== CHANGED_MIND) throw failure
        return null
      })
    }

    test('with senders, rollbacks and lost answers at random, all that is committed arrives once, in order', async () => {
      const property = fc.asyncProperty(plans, async ({ senders, failures }) => {
        await deleteWhere(database.acrossTenants(), OutboxRow, {})
        const { applied, receiver } = createForgetfulReceiver([...failures])
        const settings = { pollMilliseconds: 5, backOffMilliseconds: 2, batchLimit: 5 }
        const receivers = { identity: receiver }
        const relay = createRelay({ database, receivers, log: silentLog, settings, ...deps })
        relay.start()
        const sendAll = async (sends: Send[]) => {
          const keys: (string | null)[] = []
          for (const one of sends) keys.push(await send(one, relay.wake))
          return keys
        }
        const sent = (await Promise.all(senders.map(sendAll))).flat().filter((key) => key !== null)
        await waitFor(async () => (await relay.waiting('identity')) === 0)
        await relay.stop()
        expect(applied.map(({ key }) => key).sort()).toEqual(sent.sort())
        const rows = await database.acrossTenants().find(OutboxRow, {}, { orderBy: { id: 'asc' } })
        for (const aggregate of ['guild:1', 'guild:2', 'guild:3']) {
          const ofOne = (row: { aggregate: string }) => row.aggregate === aggregate
          const arrived = applied.filter(ofOne).map(({ key }) => key)
          expect(arrived).toEqual(rows.filter(ofOne).map(({ key }) => key))
        }
      })
      await fc.assert(property, { numRuns: runs })
    })

    test('the first message of a new aggregate takes no lane, a later one does', async () => {
      const outbox = createOutbox(deps)
      const message = { receiver: 'identity', kind: 'bet.placed', aggregate: 'bet:1', payload: {} }
      const em = database.acrossTenants
      const sent = (isFirst: boolean) =>
        transactional(em(), (tx) => outbox.send(tx, { ...message, isFirst }))
      await sent(true)
      expect([await em().count(OutboxRow, {}), await em().count(OutboxLane, {})]).toEqual([1, 0])
      await sent(false)
      expect([await em().count(OutboxRow, {}), await em().count(OutboxLane, {})]).toEqual([2, 1])
    })

    test('messages sent together stand in their order; of those whose key stands already, only that one does not', async () => {
      const woken: string[] = []
      const outbox = createOutbox({ ...deps, wake: (receiver) => woken.push(receiver) })
      const message = { kind: 'guild.moved', aggregate: 'guild:1', payload: {} }
      const sendAll = (receivers: readonly string[], key: string) =>
        transactional(database.acrossTenants(), (tx) =>
          outbox.sendAll(
            tx,
            receivers.map((receiver) => ({ ...message, receiver, key })),
          ),
        )
      expect(await sendAll(['identity', 'ai'], 'k1')).toEqual(['k1', 'k1'])
      expect(woken.splice(0).sort()).toEqual(['ai', 'identity'])
      await sendAll(['ai', 'tenancy', 'identity'], 'k1')
      expect(woken).toEqual(['tenancy'])
      const rows = await database.acrossTenants().find(OutboxRow, {}, { orderBy: { id: 'asc' } })
      expect(rows.map(({ receiver }) => receiver)).toEqual(['identity', 'ai', 'tenancy'])
    })

    test('messages beside one that is invalid are not sent either', async () => {
      const outbox = createOutbox(deps)
      const message = { receiver: 'ai', kind: 'guild.moved', aggregate: 'guild:1', payload: {} }
      const sending = transactional(database.acrossTenants(), (tx) =>
        outbox.sendAll(tx, [message, { ...message, kind: 'guild moved' }]),
      )
      await expect(sending).rejects.toMatchObject({ code: 'OUTBOX_INVALID' })
      expect(await database.acrossTenants().count(OutboxRow, {})).toBe(0)
    })

    test('of ten deliveries with one key one is applied', async () => {
      const inbox = createInbox(deps)
      let applied = 0
      const accept = () =>
        transactional(database.acrossTenants(), (tx) =>
          inbox.acceptOnce(tx, { caller: 'tenancy', key: 'k1' }, async () => {
            applied += 1
          }),
        )
      const answers = await Promise.all(Array.from({ length: 10 }, accept))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(applied).toBe(1)
    })

    test('of deliveries remembered together, those that were applied before are told apart', async () => {
      const inbox = createInbox(deps)
      const remember = (keys: readonly string[]) =>
        transactional(database.acrossTenants(), async (tx) => [
          ...(await inbox.remember(tx, { caller: 'tenancy', keys })),
        ])
      expect(await remember(['k1', 'k2'])).toEqual(['k1', 'k2'])
      expect(await remember(['k3', 'k2', 'k4', 'k4'])).toEqual(['k3', 'k4'])
      expect(await remember(['k2'])).toEqual([])
      expect(await remember([])).toEqual([])
      expect(await database.acrossTenants().count(InboxRow, {})).toBe(4)
    })

    test('the same key of another caller is another delivery', async () => {
      const inbox = createInbox(deps)
      const accept = (caller: string) =>
        transactional(database.acrossTenants(), (tx) =>
          inbox.acceptOnce(tx, { caller, key: 'k1' }, async () => {}),
        )
      expect([await accept('tenancy'), await accept('ai'), await accept('ai')]).toEqual([
        true,
        true,
        false,
      ])
    })

    test('a delivery whose application failed is not remembered', async () => {
      const inbox = createInbox(deps)
      const accept = (apply: () => Promise<void>) =>
        transactional(database.acrossTenants(), (tx) =>
          inbox.acceptOnce(tx, { caller: 'tenancy', key: 'k1' }, apply),
        )
      const failing = accept(async () => {
        throw CHANGED_MIND
      })
      await expect(failing).rejects.toBe(CHANGED_MIND)
      expect(await accept(async () => {})).toBe(true)
    })
  })
}

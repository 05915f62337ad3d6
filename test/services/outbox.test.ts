import { expect, test } from 'vitest'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay, type OutboxDelivery } from '#kernel/audit/relay.ts'
import { systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { describeOutbox } from '../kernel/audit/outbox-suite.ts'
import { createGate, waitFor } from '../kernel/jobs/job-kit.ts'
import { openMariadb, silentLog } from '../kit/database.ts'

describeOutbox('MariaDB', {
  openDatabase: () => openMariadb([OutboxRow, OutboxLane, InboxRow]),
  runs: 12,
})

// SQLite has one writer: nobody can overtake an open transaction there.
test('a message with a lower id that is committed late is not passed over', async () => {
  await using database = await openMariadb([OutboxRow, OutboxLane])
  const deps = { clock: systemClock, randomness: systemRandomness }
  const arrived: string[] = []
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    arrived.push(...rows.map(({ aggregate }) => aggregate))
    return rows.map(({ key }) => key)
  }
  const settings = { pollMilliseconds: 5 }
  const receivers = { identity: { deliver } }
  const relay = createRelay({ database, receivers, log: silentLog, settings, ...deps })
  relay.start()
  const outbox = createOutbox(deps)
  const message = { receiver: 'identity', kind: 'guild.moved', payload: {} }
  const [written, overtaken] = [createGate(), createGate()]
  const late = transactional(database.acrossTenants(), async (tx) => {
    await outbox.send(tx, { ...message, aggregate: 'guild:1' })
    written.resolve()
    await overtaken.promise
  })
  await written.promise
  await transactional(database.acrossTenants(), (tx) =>
    outbox.send(tx, { ...message, aggregate: 'guild:3' }),
  )
  await waitFor(() => arrived.length === 1)
  overtaken.resolve()
  await late
  await waitFor(() => arrived.length === 2)
  await relay.stop()
  expect(arrived).toEqual(['guild:3', 'guild:1'])
  const ids = await database.acrossTenants().find(OutboxRow, {}, { orderBy: { id: 'asc' } })
  expect(ids.map(({ aggregate }) => aggregate)).toEqual(['guild:1', 'guild:3'])
})

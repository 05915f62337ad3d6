import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { LockMode } from '@mikro-orm/core'
import { expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { Job } from '#kernel/jobs/job.ts'
import { createLeases } from '#kernel/jobs/leases.ts'
import { createGate, createWorker } from '../kernel/jobs/job-kit.ts'
import { describeWorkers } from '../kernel/jobs/worker-suite.ts'
import { openMariadb, openMariadbTwice, type TestDatabase } from '../kit/database.ts'

const LEASE_MS = 900

describeWorkers('MariaDB', () => openMariadb([Job]))

/** Kept open by the test that owns the pool. */
const asProcess = (database: Database): TestDatabase => ({
  ...database,
  [Symbol.asyncDispose]: async () => {},
})

test('a job that another process is claiming at this moment is passed over, not waited for', async () => {
  await using twice = await openMariadbTwice([Job])
  const worker = createWorker(asProcess(twice.left), {})
  const ids = [await worker.add({}), await worker.add({}), await worker.add({ kind: 'other' })]
  const leases = createLeases({
    ...{ database: twice.right, clock: systemClock, randomness: systemRandomness },
    leaseMilliseconds: LEASE_MS,
  })
  const [locked, finish] = [createGate(), createGate()]
  const claiming = transactional(twice.left.acrossTenants(), async (tx) => {
    await tx.findOne(Job, { id: ids[0] ?? '' }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    locked.resolve()
    await finish.promise
  })
  await locked.promise
  const claimed = await leases.claim(['count'], 4)
  expect(claimed.map(({ id }) => id)).toEqual([ids[1]])
  expect(await leases.claim(['count'], 4)).toEqual([])
  finish.resolve()
  await claiming
  expect((await leases.claim(['count'], 4)).map(({ id }) => id)).toEqual([ids[0]])
})

test('the job of a process that is killed goes on in another when its lease is over, not before', async () => {
  await using twice = await openMariadbTwice([Job])
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../kernel/jobs/hanging-worker.ts'),
      ...[twice.url, String(LEASE_MS)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const begun: Date[] = []
  const count = async () => void begun.push(systemClock.now())
  const settings = { leaseMilliseconds: LEASE_MS }
  await using worker = createWorker(asProcess(twice.left), { handlers: { count }, settings })
  const id = await worker.add({})
  await Promise.race([once(child.stdout, 'data'), exited])
  // It looks on while the other is alive and keeps its lease.
  worker.start()
  const renewedAfter = (await worker.get(id)).leaseUntil
  while ((await worker.get(id)).leaseUntil?.getTime() === renewedAfter?.getTime()) {
    await new Promise((resume) => setTimeout(resume, 5))
  }
  expect(begun).toEqual([])
  child.kill('SIGKILL')
  await exited
  const { leaseUntil } = await worker.get(id)
  await worker.until(id, 'done')
  expect(await worker.get(id)).toMatchObject({ attempts: 2, leaseOwner: null })
  expect(begun).toHaveLength(1)
  expect(begun[0]?.getTime()).toBeGreaterThan(leaseUntil?.getTime() ?? Number.POSITIVE_INFINITY)
})

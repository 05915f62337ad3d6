import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { Job } from '#kernel/jobs/job.ts'
import type { JobRun } from '#kernel/jobs/run-job.ts'
import { openSqlite } from '../../kit/database.ts'
import { createGate, createWorker, untilAborted, waitFor } from './job-kit.ts'

const openDatabase = () => openSqlite([Job])

test('a waiting job that is cancelled never runs', async () => {
  await using database = await openDatabase()
  let runs = 0
  const count = async () => {
    runs += 1
  }
  await using worker = createWorker(database, { handlers: { count } })
  const id = await worker.add({})
  await worker.cancel(id)
  worker.start()
  await worker.until(await worker.add({}), 'done')
  expect(runs).toBe(1)
  expect((await worker.get(id)).status).toBe('cancelled')
})

test('a running job is aborted by a cancel from another process', async () => {
  await using database = await openDatabase()
  const started = createGate()
  const count = ({ signal }: JobRun) => {
    started.resolve()
    return untilAborted(signal)
  }
  const settings = { leaseMilliseconds: 30 }
  await using worker = createWorker(database, { handlers: { count }, settings })
  await using other = createWorker(database, {})
  worker.start()
  const id = await worker.add({})
  await started.promise
  await other.cancel(id)
  await worker.until(id, 'cancelled')
  expect((await worker.get(id)).lastError).toBe('JOB_CANCELLED')
})

test('cancelling a job that ended changes nothing, and an unknown one is JOB_NOT_FOUND', async () => {
  await using database = await openDatabase()
  await using worker = createWorker(database, { handlers: { count: async () => {} } })
  worker.start()
  const id = await worker.add({})
  await worker.until(id, 'done')
  await worker.cancel(id)
  expect((await worker.get(id)).status).toBe('done')
  await expect(worker.cancel('999')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
  await expect(worker.get('999')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
})

test('a job whose worker died is run by another, and the dead one changes nothing any more', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const [started, gate] = [createGate(), createGate()]
  const stuck = async ({ signal }: JobRun) => {
    started.resolve()
    await gate.promise
    expect(signal.aborted).toBe(true)
  }
  // Its heart never beats: the lease is longer than the test.
  await using dead = createWorker(database, { handlers: { count: stuck }, clock })
  dead.start()
  const id = await dead.add({})
  await started.promise
  clock.advance(31_000)
  const owners: unknown[] = []
  const takeOver = async () => {
    owners.push((await dead.get(id)).leaseOwner)
  }
  await using living = createWorker(database, { handlers: { count: takeOver }, clock })
  living.start()
  await living.until(id, 'done')
  const { finishedAt } = await living.get(id)
  clock.advance(1_000)
  const stopping = dead.stop()
  gate.resolve()
  await stopping
  expect(await living.get(id)).toMatchObject({ status: 'done', attempts: 2, finishedAt })
  expect(owners).toHaveLength(1)
})

test('a worker that lost its lease is told by the signal', async () => {
  await using database = await openDatabase()
  const reasons: unknown[] = []
  const started = createGate()
  const count = async ({ signal }: JobRun) => {
    started.resolve()
    await untilAborted(signal).catch((reason) => reasons.push(reason.code))
  }
  const settings = { leaseMilliseconds: 30 }
  await using worker = createWorker(database, { handlers: { count }, settings })
  worker.start()
  const id = await worker.add({})
  await started.promise
  const em = database.acrossTenants()
  const job = await em.findOneOrFail(Job, { id })
  job.leaseOwner = 'another'
  job.leaseUntil = new Date(Date.now() + 60_000)
  await em.flush()
  await waitFor(() => reasons.length > 0)
  expect(reasons).toEqual(['JOB_LEASE_LOST'])
  expect((await worker.get(id)).leaseOwner).toBe('another')
})

test('a job whose worker died in its last attempt is failed, not run again', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const [started, gate] = [createGate(), createGate()]
  const stuck = async () => {
    started.resolve()
    await gate.promise
  }
  await using dead = createWorker(database, { handlers: { count: stuck }, clock })
  dead.start()
  const id = await dead.add({ maxAttempts: 1 })
  await started.promise
  clock.advance(31_000)
  await using living = createWorker(database, { handlers: { count: async () => {} }, clock })
  living.start()
  await living.until(id, 'failed')
  expect((await living.get(id)).lastError).toBe('JOB_LEASE_LOST')
  gate.resolve()
})

test('a cancelled job whose worker died is not run again', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const [started, gate] = [createGate(), createGate()]
  const stuck = async () => {
    started.resolve()
    await gate.promise
  }
  await using dead = createWorker(database, { handlers: { count: stuck }, clock })
  dead.start()
  const id = await dead.add({})
  await started.promise
  let runs = 0
  const count = async () => {
    runs += 1
  }
  await using living = createWorker(database, { handlers: { count }, clock })
  await living.cancel(id)
  clock.advance(31_000)
  living.start()
  await living.until(id, 'cancelled')
  expect(runs).toBe(0)
  gate.resolve()
})

test('a job that takes too long is aborted, even when it does not listen', async () => {
  await using database = await openDatabase()
  const deaf = () => new Promise<void>(() => {})
  const settings = { runMilliseconds: 10, graceMilliseconds: 10 }
  await using worker = createWorker(database, { handlers: { count: deaf }, settings })
  worker.start()
  const id = await worker.add({ maxAttempts: 1 })
  await worker.until(id, 'failed')
  expect((await worker.get(id)).lastError).toBe('JOB_TIMED_OUT')
})

test('stopping puts a running job back without costing it an attempt', async () => {
  await using database = await openDatabase()
  const started = createGate()
  const reasons: unknown[] = []
  const count = async ({ signal }: JobRun) => {
    started.resolve()
    await untilAborted(signal).catch((reason) => {
      reasons.push(reason.code)
      throw reason
    })
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({})
  await started.promise
  await worker.stop()
  expect(reasons).toEqual(['JOB_STOPPED'])
  expect(await worker.get(id)).toMatchObject({ status: 'queued', attempts: 0, leaseOwner: null })
})

test('stopping does not wait for a deaf job beyond its bound', async () => {
  await using database = await openDatabase()
  const started = createGate()
  const deaf = async () => {
    started.resolve()
    await new Promise<void>(() => {})
  }
  const settings = { stopMilliseconds: 10, graceMilliseconds: 60 }
  await using worker = createWorker(database, { handlers: { count: deaf }, settings })
  worker.start()
  const id = await worker.add({})
  await started.promise
  await worker.stop()
  expect((await worker.get(id)).status).toBe('running')
  await worker.until(id, 'queued')
})

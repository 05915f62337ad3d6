import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { jobsError } from '#kernel/jobs/errors.ts'
import { Job } from '#kernel/jobs/job.ts'
import { backOffMilliseconds, type JobRun } from '#kernel/jobs/run-job.ts'
import { openSqlite } from '../../kit/database.ts'
import { createGate, createWorker, waitFor } from './job-kit.ts'
import { describeWorkers } from './worker-suite.ts'

const openDatabase = () => openSqlite([Job])

describeWorkers('SQLite', openDatabase)

test('a job gets its payload, reports progress and ends done', async () => {
  await using database = await openDatabase()
  const seen: unknown[] = []
  const count = async ({ payload, attempt, progress }: JobRun) => {
    seen.push(payload, attempt)
    await progress(1, 3)
    await progress(3, 3)
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({ payload: { fixture: '7' } })
  await worker.until(id, 'done')
  expect(seen).toEqual([{ fixture: '7' }, 1])
  const job = await worker.get(id)
  expect(job).toMatchObject({ progressDone: 3, progressTotal: 3, attempts: 1, lastError: null })
  expect(job.leaseOwner).toBeNull()
  expect(job.finishedAt).toBeInstanceOf(Date)
})

test('progress can be read while the job runs', async () => {
  await using database = await openDatabase()
  const gate = createGate()
  const count = async ({ progress }: JobRun) => {
    await progress(2, 10)
    await gate.promise
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({})
  await waitFor(async () => (await worker.get(id)).progressDone === 2)
  expect((await worker.get(id)).progressTotal).toBe(10)
  gate.resolve()
  await worker.until(id, 'done')
})

test('a job whose transaction is rolled back never was', async () => {
  await using database = await openDatabase()
  await using worker = createWorker(database, {})
  const work = transactional(database.acrossTenants(), async (tx) => {
    await worker.enqueue(tx, { kind: 'count', payload: {} })
    throw new Error('rolled back')
  })
  await expect(work).rejects.toThrow('rolled back')
  expect(await database.acrossTenants().count(Job)).toBe(0)
})

test('enqueueing outside a transaction is refused', async () => {
  await using database = await openDatabase()
  await using worker = createWorker(database, {})
  const work = worker.enqueue(database.acrossTenants(), { kind: 'count', payload: {} })
  await expect(work).rejects.toThrow('inside a transaction')
})

test.each([
  ['a kind with a space', { kind: 'two words' }],
  ['no payload', { payload: undefined }],
  ['a payload over 64 kB', { payload: 'x'.repeat(65_536) }],
  ['an empty unique key', { uniqueKey: '' }],
  ['a unique key of 191 characters', { uniqueKey: 'k'.repeat(191) }],
  ['no attempts', { maxAttempts: 0 }],
  ['101 attempts', { maxAttempts: 101 }],
])('%s is refused with JOB_INVALID', async (_case, job) => {
  await using database = await openDatabase()
  await using worker = createWorker(database, {})
  await expect(worker.add(job)).rejects.toMatchObject({ code: 'JOB_INVALID' })
})

test('a job waits for its time', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  let runs = 0
  const count = async () => {
    runs += 1
  }
  await using worker = createWorker(database, { handlers: { count }, clock })
  worker.start()
  const later = await worker.add({ runAt: new Date('2026-03-01T13:00:00Z') })
  await worker.until(await worker.add({}), 'done')
  expect(runs).toBe(1)
  clock.advance(3_600_000)
  await worker.until(later, 'done')
})

test('a job of a kind without a handler waits for a process that has one', async () => {
  await using database = await openDatabase()
  await using deaf = createWorker(database, { handlers: { other: async () => {} } })
  deaf.start()
  const id = await deaf.add({})
  await deaf.until(await deaf.add({ kind: 'other' }), 'done')
  expect((await deaf.get(id)).status).toBe('queued')
  await using worker = createWorker(database, { handlers: { count: async () => {} } })
  worker.start()
  await worker.until(id, 'done')
})

test('a job that fails is tried again until its attempts are used up', async () => {
  await using database = await openDatabase()
  const attempts: number[] = []
  const count = async ({ attempt }: JobRun) => {
    attempts.push(attempt)
    throw new TypeError('someone@example.com has no account')
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({ maxAttempts: 3 })
  await worker.until(id, 'failed')
  expect(attempts).toEqual([1, 2, 3])
  expect((await worker.get(id)).lastError).toBe('TypeError')
})

test('a job that fails once and then works ends done', async () => {
  await using database = await openDatabase()
  const count = async ({ attempt }: JobRun) => {
    if (attempt === 1) throw new Error('not yet')
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({})
  await worker.until(id, 'done')
  expect(await worker.get(id)).toMatchObject({ attempts: 2, lastError: null })
})

test('a job that gives itself up is not tried again', async () => {
  await using database = await openDatabase()
  const count = async () => {
    throw jobsError('JOB_GIVEN_UP')
  }
  await using worker = createWorker(database, { handlers: { count } })
  worker.start()
  const id = await worker.add({})
  await worker.until(id, 'failed')
  expect(await worker.get(id)).toMatchObject({ attempts: 1, lastError: 'JOB_GIVEN_UP' })
})

test('the pause doubles from attempt to attempt, lies between half and all, and never exceeds an hour', () => {
  const randomness = createSeededRandomness('pauses')
  for (let attempt = 1; attempt <= 60; attempt++) {
    const full = Math.min(1_000 * 2 ** (attempt - 1), 3_600_000)
    const pause = backOffMilliseconds(attempt, { base: 1_000, randomness })
    expect(pause).toBeGreaterThanOrEqual(full / 2)
    expect(pause).toBeLessThanOrEqual(full)
  }
})

test('no more jobs run at once than the worker may', async () => {
  await using database = await openDatabase()
  const gate = createGate()
  let running = 0
  const count = async () => {
    running += 1
    await gate.promise
  }
  const settings = { concurrency: 2 }
  await using worker = createWorker(database, { handlers: { count }, settings })
  const ids = [await worker.add({}), await worker.add({}), await worker.add({})]
  worker.start()
  await waitFor(() => running === 2)
  const queued = () => database.acrossTenants().count(Job, { status: 'queued' })
  expect(await queued()).toBe(1)
  gate.resolve()
  for (const id of ids) await worker.until(id, 'done')
})

test('pruning forgets jobs that ended before a time, and no others', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  await using worker = createWorker(database, { handlers: { count: async () => {} }, clock })
  worker.start()
  await worker.until(await worker.add({}), 'done')
  clock.advance(60_000)
  const young = await worker.add({})
  await worker.until(young, 'done')
  const waiting = await worker.add({ kind: 'other' })
  expect(await worker.prune(new Date('2026-03-01T12:00:30Z'))).toBe(1)
  expect((await worker.get(young)).status).toBe('done')
  expect((await worker.get(waiting)).status).toBe('queued')
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transactional } from '#kernel/db/database.ts'
import { Job } from '#kernel/jobs/job.ts'
import type { TestDatabase } from '../../kit/database.ts'
import { createWorker, waitFor } from './job-kit.ts'

/** What workers on one table must keep true on every engine. */
export function describeWorkers(name: string, openDatabase: () => Promise<TestDatabase>) {
  describe(`workers on ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await openDatabase()
    })
    afterAll(() => database[Symbol.asyncDispose]())

    test('each of 60 jobs is run once by one of four workers', async () => {
      const runs: unknown[] = []
      const handlers = {
        count: async ({ payload }: { payload: unknown }) => {
          runs.push(payload)
        },
      }
      const workers = [1, 2, 3, 4].map(() => createWorker(database, { handlers }))
      for (const worker of workers) worker.start()
      const adding = Array.from({ length: 60 }, (_, n) => workers[n % 4]?.add({ payload: { n } }))
      await Promise.all(adding)
      const unfinished = () => database.acrossTenants().count(Job, { status: { $ne: 'done' } })
      await waitFor(async () => (await unfinished()) === 0)
      for (const worker of workers) await worker.stop()
      const numbers = runs.map((payload) => (payload as { n: number }).n).sort((a, b) => a - b)
      expect(numbers).toEqual(Array.from({ length: 60 }, (_, n) => n))
    })

    test('of ten enqueuers with one unique key one gets an id', async () => {
      const worker = createWorker(database, {})
      const adding = Array.from({ length: 10 }, () => worker.add({ uniqueKey: 'only-one' }))
      const ids = await Promise.all(adding)
      expect(ids.filter((id) => id !== '')).toHaveLength(1)
      expect(await database.acrossTenants().count(Job, { uniqueKey: 'only-one' })).toBe(1)
    })

    test('a taken unique key leaves the rest of the transaction standing', async () => {
      const worker = createWorker(database, {})
      await worker.add({ uniqueKey: 'taken' })
      const id = await transactional(database.acrossTenants(), async (tx) => {
        const refused = await worker.enqueue(tx, { kind: 'x', payload: 1, uniqueKey: 'taken' })
        expect(refused).toBeNull()
        return worker.enqueue(tx, { kind: 'x', payload: 1, uniqueKey: 'free' })
      })
      expect((await worker.get(id ?? '')).uniqueKey).toBe('free')
    })

    test('one tick of a schedule is enqueued once, however many processes see it', async () => {
      const everySecond = {
        name: 'every-second',
        cron: '* * * * * *',
        timezone: 'Europe/London',
        kind: 'tick',
      }
      const workers = [1, 2, 3].map(() => createWorker(database, { schedules: [everySecond] }))
      for (const worker of workers) worker.start()
      const ticks = () => database.acrossTenants().find(Job, { kind: 'tick' })
      await waitFor(async () => (await ticks()).length >= 2)
      for (const worker of workers) await worker.stop()
      const times = (await ticks()).map(({ runAt }) => runAt.getTime())
      expect(new Set(times).size).toBe(times.length)
      expect(times.every((time) => time % 1_000 === 0)).toBe(true)
    })
  })
}

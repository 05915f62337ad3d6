import { expect, test } from 'vitest'
import { createBacklog } from '#kernel/audit/backlog.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { openSqlite, type TestDatabase } from '../../kit/database.ts'

const START = Date.UTC(2026, 2, 1, 12)

const open = () => openSqlite([OutboxRow, OutboxLane])

/** Rows for one receiver in this order, each with when it may go. */
async function store(database: TestDatabase, rows: readonly [aggregate: string, due: number][]) {
  const em = database.acrossTenants()
  for (const [index, [aggregate, due]] of rows.entries()) {
    const about = { receiver: 'ai', kind: 'k', aggregate, key: `${index}`, payload: `${index}` }
    const times = { at: new Date(START), nextTryAt: new Date(due), attempts: 0 }
    em.persist(em.create(OutboxRow, { ...about, ...times }))
  }
  await em.flush()
}

test.each([0, 1, 2, 3, 4, 5])(
  'what ripens %d ms after a look begins is not overtaken by what is behind it',
  async (after) => {
    await using database = await open()
    await store(database, [
      ['a', START + after],
      ['a', START],
    ])
    let now = START
    const clock = { now: () => new Date(now++) }
    const rows = await createBacklog({ database, clock }).next('ai', 100)
    expect(rows[0]?.payload ?? '0').toBe('0')
  },
)

test.each([0, 50, 99, 101])(
  'batches stay whole while %d messages wait behind a poisoned one',
  async (waiting) => {
    await using database = await open()
    const held = Array.from({ length: waiting }, (_, index): [string, number] => [
      'poisoned',
      index === 0 ? START + 3_600_000 : START,
    ])
    const free = Array.from({ length: 300 }, (_, index): [string, number] => [
      `f${index % 7}`,
      START,
    ])
    await store(database, [...held, ...free])
    const backlog = createBacklog({ database, clock: { now: () => new Date(START) } })
    const sizes: number[] = []
    for (;;) {
      const rows = await backlog.next('ai', 100)
      if (rows.length === 0) break
      sizes.push(rows.length)
      await backlog.markSent(rows)
    }
    expect(sizes).toEqual([100, 100, 100])
  },
)

import { expect, test } from 'vitest'
import { createBacklog } from '#kernel/audit/backlog.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
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

/** What another process does right before a query of the one that looks. */
function withOther(database: Database, meanwhile: (query: number) => Promise<void>): Database {
  let queries = 0
  const acrossTenants = () => {
    const em = database.acrossTenants()
    const find = async (...query: unknown[]) => {
      await meanwhile(++queries)
      return (em.find as (...query: unknown[]) => unknown)(...query)
    }
    return new Proxy(em, {
      get: (target, name) => (name === 'find' ? find : Reflect.get(target, name)),
    }) as SqlEntityManager
  }
  return { ...database, acrossTenants }
}

/** More aggregates than one look leaves out, all of them held back, then one whose first message is held back too. */
const manyHeld = [
  ...Array.from({ length: 501 }, (_, index): [string, number] => [`w${index}`, START + 1_000]),
  ...([3_600_000, 0, 0, 0] as const).map((later): [string, number] => ['x', START + later]),
]

test.each([1, 2, 3, 4, 5, 6, 7])(
  'what another process sends before query %d of a look lets nothing be overtaken',
  async (query) => {
    await using database = await open()
    await store(database, manyHeld)
    const clock = { now: () => new Date(START) }
    const first = await database.acrossTenants().findOneOrFail(OutboxRow, { payload: '501' })
    const sendFirst = async (now: number) => {
      if (now === query)
        expect(await createBacklog({ database, clock }).markSent([first])).toBe(true)
    }
    const looking = createBacklog({ database: withOther(database, sendFirst), clock })
    const rows = await looking.next('ai', 2)
    expect(rows[0]?.payload ?? '502').toBe('502')
  },
)

test.each([
  [1, ['1', '2']],
  [2, ['1', '2']],
  [3, ['4']],
  [4, ['4', '5']],
  [5, ['4', '5']],
])(
  'a look ends, though another process sends before its query %d what others waited for',
  async (query, found) => {
    await using database = await open()
    // A page of one aggregate whose first message waits, and others behind it.
    const page = Array.from({ length: 4 }, (_, index): [string, number] => [
      'x',
      index === 0 ? START + 60_000 : START,
    ])
    await store(database, [...page, ['y', START], ['y', START]])
    const clock = { now: () => new Date(START) }
    const [first] = await database.acrossTenants().find(OutboxRow, { payload: '0' })
    if (!first) throw new Error('there is a message')
    const sendFirst = async (now: number) => {
      if (now > 20) throw new Error('the look does not end')
      if (now === query) await createBacklog({ database, clock }).markSent([first])
    }
    const looking = createBacklog({ database: withOther(database, sendFirst), clock })
    const rows = await looking.next('ai', 2)
    expect(rows.map(({ payload }) => payload)).toEqual(found)
  },
)

test('of two processes that hold a message back the first counts, and neither shortens the wait', async () => {
  await using database = await open()
  await store(database, [['a', START]])
  const backlog = createBacklog({ database, clock: { now: () => new Date(START) } })
  const [row] = await backlog.next('ai', 1)
  if (!row) throw new Error('there is a message')
  const failure = { lastError: 'Error', isAnswered: true }
  await backlog.holdBack(row, { ...failure, until: new Date(START + 60_000) })
  await backlog.holdBack(row, { ...failure, until: new Date(START - 120_000) })
  const held = await database.acrossTenants().findOneOrFail(OutboxRow, { id: row.id })
  expect(held).toMatchObject({ attempts: 1, nextTryAt: new Date(START + 60_000) })
  await backlog.holdBack(held, { ...failure, until: new Date(START + 180_000) })
  const again = await database.acrossTenants().findOneOrFail(OutboxRow, { id: row.id })
  expect(again).toMatchObject({ attempts: 2, nextTryAt: new Date(START + 180_000) })
})

test('who marks as sent what another process marked is told so', async () => {
  await using database = await open()
  await store(database, [
    ['a', START],
    ['b', START],
  ])
  const backlog = createBacklog({ database, clock: { now: () => new Date(START) } })
  const rows = await backlog.next('ai', 2)
  expect(await backlog.markSent(rows.slice(0, 1))).toBe(true)
  expect(await backlog.markSent(rows)).toBe(false)
  expect(await backlog.count('ai')).toBe(0)
})

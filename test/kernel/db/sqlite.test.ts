import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { openSqlite } from '../../kit/database.ts'
import { describeDatabase, Stake } from './database-suite.ts'

describeDatabase('SQLite', { open: openSqlite, runs: 40 })

test('a crowd of requests lets timers and sockets have their turns meanwhile', async () => {
  await using database = await openSqlite([Stake])
  let turns = 0
  let isDone = false
  const turn = () => {
    turns += 1
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  const crowd = Array.from({ length: 50 }, async () => {
    for (let question = 0; question < 20; question += 1)
      await database.acrossTenants().find(Stake, {})
  })
  await Promise.all(crowd)
  isDone = true
  expect(turns).toBeGreaterThan(10)
})

test('a statement that is asked again with other values is prepared once', async () => {
  await using database = await openSqlite([Stake])
  const at = new Date(1_700_000_000_123)
  await transactional(database.acrossTenants(), async (tx) => {
    for (const code of ['a ? of it', "it's", 'c']) {
      tx.create(Stake, { tenantId: '1', guildId: null, code, amount: 7n, at })
    }
    await tx.flush()
  })
  const ask = (code: string) =>
    database.acrossTenants().find(Stake, { code, amount: { $gt: 6n }, at: { $lte: at } })
  const raise = (code: string) =>
    updateWhere(database.acrossTenants(), Stake, { where: { code }, add: { amount: 0n } })
  await ask('nobody')
  await raise('nobody')
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  try {
    for (const code of ['a ? of it', "it's", 'c']) {
      expect(await raise(code)).toBe(1)
      expect((await ask(code)).map((stake) => [stake.code, stake.amount])).toEqual([[code, 7n]])
    }
    expect(prepare).not.toHaveBeenCalled()
  } finally {
    prepare.mockRestore()
  }
})

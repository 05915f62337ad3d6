import { expect, test } from 'vitest'
import { openCopy } from './alterations.ts'
import { describeAlterations, fillLog, openOnSqlite } from './alterations-suite.ts'
import { verify } from './audit-kit.ts'

describeAlterations('SQLite', { open: openOnSqlite, runs: 60 })

test.each([
  'tenant_id',
  'guild_id',
  'user_id',
  'resource_id',
  'seq',
  'timestamp',
  'recorded_at',
  'action_data',
  'canonical',
  'entry_hash',
])('what is no value of its column at all is found: %s', async (column) => {
  await using world = await openOnSqlite()
  await fillLog(world)
  const copy = await openCopy(world.database)
  for (const value of ['neither number nor time', '', '{', '-1', '1e400']) {
    const row = (await copy.rows())[5]
    if (!row) throw new Error('the log is short')
    await copy.update(row, { [column]: value })
    const { findings } = await verify(world)
    expect({ value, places: findings.map(({ seq }) => seq) }).toMatchObject({
      value,
      places: expect.arrayContaining([6]),
    })
    await copy.restore()
  }
})

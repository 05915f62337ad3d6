import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqlite } from '../../kit/database.ts'
import { Stake } from './database-suite.ts'

const HOLDER = new URL('../../kit/file-holder.mjs', import.meta.url)

test('a start waits for another process that holds the file for a moment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-sqlite-'))
  const path = join(folder, 'shared.sqlite')
  const holder = fork(HOLDER, [path])
  const ended = once(holder, 'exit')
  await once(holder, 'message')
  await using database = await openSqlite([Stake], { path })
  expect(await database.acrossTenants().count(Stake)).toBe(0)
  await ended
  await rm(folder, { recursive: true, force: true })
})

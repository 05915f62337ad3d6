import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdDataDir } from '#kernel/serve/data-dir.ts'

const HOLDER = new URL('../../kit/data-dir-holder.mjs', import.meta.url)

test('one platform holds a data folder, and the next one may when it has gone, even by kill -9', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-held-'))
  const other = fork(HOLDER, [folder])
  await once(other, 'message')
  await expect(holdDataDir(folder)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
  const ended = once(other, 'exit')
  other.kill('SIGKILL')
  await ended
  const letGo = await holdDataDir(folder)
  await expect(holdDataDir(folder)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
  letGo()
  ;(await holdDataDir(folder))()
  await rm(folder, { recursive: true, force: true })
})

test('a data folder that is a file is refused in one sentence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-held-'))
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(holdDataDir(file)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
  await rm(folder, { recursive: true, force: true })
})

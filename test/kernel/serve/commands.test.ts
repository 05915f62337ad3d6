import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)

test.each([
  ['rotate-operator-key', '--bogus'],
  ['rotate-operator-key', '--rewrap_only'],
  ['compose', '--help'],
  ['migrate', '--check'],
  ['seed', 'identity', 'tenancy'],
  ['verify-audit', '--nope'],
  ['renew-epochs', '--all'],
  ['renew-epochs', 'identity', 'tenancy'],
  ['nothing'],
])('`%s %s %s` is not understood, and nothing is done', async (...words) => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-commands-'))
  const { status, stderr } = spawnSync(process.execPath, ['subgraphs/main.ts', ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATA_DIR: folder },
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect({ status, usage: stderr.slice(0, 6) }).toEqual({ status: 1, usage: 'usage:' })
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true, force: true })
})

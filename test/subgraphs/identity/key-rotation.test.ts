import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addVersionToFile } from '#kernel/crypto/operator-key-file.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { PEOPLE, startPlatform } from '../../kit/platform.ts'

const MAIN = resolve(import.meta.dirname, '../../../subgraphs/main.ts')
const CHILD = resolve(import.meta.dirname, 'kit/rewrap-child.ts')
const ME = '{ me { email displayName } }'
const OPERATOR = { me: { email: PEOPLE.operator.email, displayName: expect.any(String) } }

let seeded: string

/** A data folder whose personal data was written under the first version. */
beforeAll(async () => {
  seeded = await mkdtemp(join(tmpdir(), 'dbsbm-seeded-'))
  await using platform = await startPlatform({ dataDir: seeded })
  const ask = await platform.as(PEOPLE.operator)
  expect((await ask(ME)).data).toMatchObject(OPERATOR)
})
afterAll(() => rm(seeded, { recursive: true }))

async function openFolder() {
  const dataDir = await mkdtemp(join(tmpdir(), 'dbsbm-rotation-'))
  await cp(seeded, dataDir, { recursive: true })
  const keyFile = join(dataDir, 'keys', 'operator.key')
  return {
    dataDir,
    keyFile,
    versions: async () =>
      [...(await readFile(keyFile, 'utf8')).matchAll(/^v(\d+):/gm)].map(versionOf),
    drop: async (version: number) => {
      const text = await readFile(keyFile, 'utf8')
      await writeFile(keyFile, text.replace(new RegExp(`^v${version}:.*\n`, 'm'), ''))
    },
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }),
  }
}

const versionOf = ([, version]: RegExpMatchArray) => Number(version)

async function ended(child: ChildProcess) {
  let [output, errors] = ['', '']
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    errors += text
  })
  const [code, signal] = await once(child, 'close')
  return { output, errors, code, signal }
}

const rotate = (dataDir: string, flags: string[] = [], env: Record<string, string> = {}) =>
  ended(
    spawn(process.execPath, [MAIN, 'rotate-operator-key', ...flags], {
      env: { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env },
      stdio: 'pipe',
    }),
  )

async function askMe(dataDir: string) {
  await using platform = await startPlatform({ dataDir })
  return (await (await platform.as(PEOPLE.operator))(ME)).data
}

test('what was written before is read after, also without the old version', async () => {
  await using folder = await openFolder()
  const { output, errors, code } = await rotate(folder.dataDir)
  expect([code, errors]).toEqual([0, ''])
  expect(output).toContain('The operator key has a version 2')
  expect(output).toMatch(/identity: [1-9]\d* keys re-wrapped, 0 under older versions: done/)
  expect(await folder.versions()).toEqual([1, 2])
  expect((await stat(folder.keyFile)).mode & 0o777).toBe(0o600)
  expect(await askMe(folder.dataDir)).toMatchObject(OPERATOR)
  await folder.drop(1)
  expect(await askMe(folder.dataDir)).toMatchObject(OPERATOR)
})

test('killed on the way, it goes on where it stood', async () => {
  await using folder = await openFolder()
  expect(await addVersionToFile(folder.keyFile, systemRandomness)).toBe(2)
  const killed = await ended(spawn(process.execPath, [CHILD, folder.dataDir], { stdio: 'pipe' }))
  expect(killed.signal).toBe('SIGKILL')
  const left = Number(killed.output.trim().split('\n').at(-1))
  expect(left).toBeGreaterThan(0)
  expect(await askMe(folder.dataDir)).toMatchObject(OPERATOR)
  const { output, code } = await rotate(folder.dataDir, ['--rewrap-only'])
  expect(code).toBe(0)
  expect(output).toContain(`identity: ${left} keys re-wrapped, 0 under older versions: done`)
  expect(await folder.versions()).toEqual([1, 2])
  await folder.drop(1)
  expect(await askMe(folder.dataDir)).toMatchObject(OPERATOR)
})

test('without the old version it says in one sentence what is missing, and changes nothing', async () => {
  await using folder = await openFolder()
  const text = await readFile(folder.keyFile, 'utf8')
  await writeFile(folder.keyFile, `${text.replace('v1:', 'root:')}${text.replace('v1:', 'v2:')}`)
  const { errors, code } = await rotate(folder.dataDir, ['--rewrap-only'])
  expect(code).toBe(1)
  expect(errors).toMatch(/^A value was wrapped by an operator key version that is not at hand\./)
  expect(errors).toMatch(/subgraph identity, keys [1-9]\d*/)
  await writeFile(folder.keyFile, text)
  expect(await askMe(folder.dataDir)).toMatchObject(OPERATOR)
})

test('a platform that runs meanwhile reads on, and reads whom it has not read before', async () => {
  await using folder = await openFolder()
  await using platform = await startPlatform({ dataDir: folder.dataDir })
  const ask = await platform.as(PEOPLE.operator)
  expect((await ask(ME)).data).toMatchObject(OPERATOR)
  expect((await rotate(folder.dataDir)).code).toBe(0)
  const { data, errors } = await ask('{ users(first: 50) { edges { node { email } } } }')
  expect(errors).toBeUndefined()
  const { users } = data as { users: { edges: { node: { email: string | null } }[] } }
  expect(users.edges.length).toBeGreaterThan(3)
  expect(users.edges.filter(({ node }) => node.email === null)).toEqual([])
  const member = await platform.as(PEOPLE.acmeMember)
  expect((await member(ME)).data).toMatchObject({ me: { email: PEOPLE.acmeMember.email } })
})

test('a key given as text is answered with the lines to give instead', async () => {
  await using folder = await openFolder()
  const text = await readFile(folder.keyFile, 'utf8')
  const { output, code } = await rotate(folder.dataDir, [], { OPERATOR_KEY: text })
  expect(code).toBe(0)
  const lines = output.split('\n').filter((line) => /^(root|v\d+):/.test(line))
  expect(lines.map((line) => line.split(':')[0])).toEqual(['root', 'v1', 'v2'])
  expect(await folder.versions()).toEqual([1])
  const next = await rotate(folder.dataDir, ['--rewrap-only'], { OPERATOR_KEY: lines.join('\n') })
  expect(next.output).toContain('0 under older versions: done')
})

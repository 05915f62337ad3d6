import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  addOperatorKeyVersion,
  newOperatorKeyText,
  parseOperatorKeys,
} from '#kernel/crypto/operator-key.ts'
import { addVersionToFile, loadOperatorKeys } from '#kernel/crypto/operator-key-file.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'

const KEY = Buffer.alloc(32, 9).toString('base64')
const refusal = (code: string) => expect.objectContaining({ code })

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'operator-key-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

describe('the text of an operator key', () => {
  test('the newest version wraps, older ones are still at hand', () => {
    const older = Buffer.alloc(32, 1).toString('base64')
    const keys = parseOperatorKeys(`# made in March\nv2:${KEY}\r\n\nv1:${older}\n`)
    expect(keys.newest).toEqual({ version: 2, key: Buffer.alloc(32, 9) })
    expect(keys.byVersion(1).key).toEqual(Buffer.alloc(32, 1))
    expect(keys.versions).toEqual([1, 2])
    expect(() => keys.byVersion(3)).toThrow(refusal('OPERATOR_KEY_UNKNOWN'))
  })

  test('a bare key counts as version 1', () => {
    expect(parseOperatorKeys(KEY).newest).toEqual(parseOperatorKeys(`v1:${KEY}`).newest)
  })

  test.each([
    ['nothing', ''],
    ['a comment alone', '# v1'],
    ['a short key', `v1:${Buffer.alloc(31).toString('base64')}`],
    ['a key in hexadecimal', `v1:${'ab'.repeat(32)}`],
    ['a key with loose last bits', `v1:${KEY.slice(0, -2)}l=`],
    ['version 0', `v0:${KEY}`],
    ['a version twice', `v1:${KEY}\nv1:${KEY}`],
    ['the root twice', `v1:${KEY}\nroot:${KEY}\nroot:${KEY}`],
    ['a root alone', `root:${KEY}`],
    ['a line of another form', `v1:${KEY}\nhello`],
    ['a text without end', `v1:${KEY}\n`.repeat(400)],
  ])('%s is refused without quoting it', (_sentence, text) => {
    const read = () => parseOperatorKeys(text)
    expect(read).toThrow(refusal('OPERATOR_KEY_INVALID'))
    expect(read).not.toThrow(new RegExp(KEY.slice(0, 10)))
  })

  test('a new version keeps the old ones and the root, also after the old ones are dropped', () => {
    const randomness = createSeededRandomness('rotation')
    const first = newOperatorKeyText(randomness)
    const third = addOperatorKeyVersion(addOperatorKeyVersion(first, randomness), randomness)
    const [before, after] = [parseOperatorKeys(first), parseOperatorKeys(third)]
    expect(after.versions).toEqual([1, 2, 3])
    expect(after.byVersion(1)).toEqual(before.newest)
    expect(after.root).toEqual(before.root)
    const dropped = third.split('\n').filter((line) => !/^v[12]:/.test(line))
    expect(parseOperatorKeys(dropped.join('\n')).root).toEqual(before.root)
  })
})

describe('the file of an operator key', () => {
  test('is made once with mode 0600 in a folder of mode 0700, and read ever after', async () => {
    const folder = await makeFolder()
    const path = join(folder, 'keys', 'operator.key')
    const source = { kind: 'file', path, mayCreate: true } as const
    const made = await loadOperatorKeys(source, systemRandomness)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700)
    expect((await loadOperatorKeys(source, systemRandomness)).newest).toEqual(made.newest)
    expect(await readFile(path, 'utf8')).toMatch(/^v1:.{44}\n$/)
  })

  test('is the same for processes that start at once, with no draft left behind', async () => {
    const folder = await makeFolder()
    const path = join(folder, 'operator.key')
    const source = { kind: 'file', path, mayCreate: true } as const
    const all = await Promise.all(
      Array.from({ length: 10 }, () => loadOperatorKeys(source, systemRandomness)),
    )
    expect(new Set(all.map(({ newest }) => newest.key.toString('hex'))).size).toBe(1)
    expect(await readdir(folder)).toEqual(['operator.key'])
  })

  test('is never made where it may not be', async () => {
    const folder = await makeFolder()
    const source = { kind: 'file', path: join(folder, 'none'), mayCreate: false } as const
    const load = loadOperatorKeys(source, systemRandomness)
    await expect(load).rejects.toThrow(refusal('OPERATOR_KEY_MISSING'))
    expect(await readdir(folder)).toEqual([])
  })

  test('is not overwritten when it is broken or unreadable', async () => {
    const folder = await makeFolder()
    const path = join(folder, 'operator.key')
    await writeFile(path, 'v1:broken')
    const load = (file: string) =>
      loadOperatorKeys({ kind: 'file', path: file, mayCreate: true }, systemRandomness)
    await expect(load(path)).rejects.toThrow(refusal('OPERATOR_KEY_INVALID'))
    expect(await readFile(path, 'utf8')).toBe('v1:broken')
    await expect(load(folder)).rejects.toThrow(refusal('OPERATOR_KEY_MISSING'))
  })

  test('is not needed when the text is given', async () => {
    const source = { kind: 'text', text: `v4:${KEY}` } as const
    expect((await loadOperatorKeys(source, systemRandomness)).newest.version).toBe(4)
  })
})

describe('a rotation of the file', () => {
  const open = async () => {
    const path = join(await makeFolder(), 'operator.key')
    const load = () => loadOperatorKeys({ kind: 'file', path, mayCreate: true }, systemRandomness)
    return { path, load, keys: await load() }
  }

  test('adds a version, keeps mode, root and older versions, and leaves no draft', async () => {
    const { path, load, keys } = await open()
    expect(await addVersionToFile(path, systemRandomness)).toBe(2)
    const after = await load()
    expect([after.versions, after.root]).toEqual([[1, 2], keys.root])
    expect(after.byVersion(1)).toEqual(keys.byVersion(1))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(path))).toEqual(['operator.key'])
  })

  test('of several at once each either adds its version or answers OPERATOR_KEY_ROTATING', async () => {
    const { path, load } = await open()
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => addVersionToFile(path, systemRandomness)),
    )
    const added = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const refused = all.filter(({ status }) => status === 'rejected')
    expect((await load()).versions).toEqual([1, ...added.sort((left, right) => left - right)])
    for (const one of refused) {
      expect(one).toMatchObject({ reason: { code: 'OPERATOR_KEY_ROTATING' } })
    }
  })

  test('a draft left by a process that died is named, and in nobody’s way once removed', async () => {
    const { path } = await open()
    const draft = `${path}.next`
    await writeFile(draft, '')
    const adding = addVersionToFile(path, systemRandomness)
    await expect(adding).rejects.toMatchObject({
      code: 'OPERATOR_KEY_ROTATING',
      extensions: { draft },
    })
    await rm(draft)
    expect(await addVersionToFile(path, systemRandomness)).toBe(2)
  })

  test('is seen by a process that loaded the file before, when it meets the new version', async () => {
    const { path, keys } = await open()
    await addVersionToFile(path, systemRandomness)
    expect(keys.newest.version).toBe(1)
    expect(keys.byVersion(2).version).toBe(2)
    expect(keys.newest.version).toBe(2)
    expect(() => keys.byVersion(3)).toThrow(refusal('OPERATOR_KEY_UNKNOWN'))
  })

  test('a file of another root is not taken for a rotation', async () => {
    const { path, keys } = await open()
    await writeFile(path, `v2:${KEY}\n`)
    expect(() => keys.byVersion(2)).toThrow(refusal('OPERATOR_KEY_INVALID'))
  })

  test('a file that is not there answers OPERATOR_KEY_MISSING, with no draft left', async () => {
    const folder = await makeFolder()
    const adding = addVersionToFile(join(folder, 'none'), systemRandomness)
    await expect(adding).rejects.toThrow(refusal('OPERATOR_KEY_MISSING'))
    expect(await readdir(folder)).toEqual([])
  })
})

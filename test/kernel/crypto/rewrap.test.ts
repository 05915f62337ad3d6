import { describe, expect, test } from 'vitest'
import {
  addOperatorKeyVersion,
  newOperatorKeyText,
  parseOperatorKeys,
} from '#kernel/crypto/operator-key.ts'
import { createPersonKeys } from '#kernel/crypto/person-keys.ts'
import { type RewrapProgress, rewrapPersonKeys } from '#kernel/crypto/rewrap.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { createMemoryKeyStore } from './memory-key-store.ts'

const EMAIL = { context: 'users.email' }
const refusal = (code: string) => expect.objectContaining({ code })

/** 25 persons under the first operator key, and a second operator key. */
async function createRotation() {
  const randomness = createSeededRandomness('rewrap')
  const memory = createMemoryKeyStore()
  const firstText = newOperatorKeyText(randomness)
  const secondText = addOperatorKeyVersion(firstText, randomness)
  const depsOf = (text: string) => ({
    operatorKeys: parseOperatorKeys(text),
    store: memory.store,
    randomness,
  })
  const before = createPersonKeys(depsOf(firstText))
  const ciphertexts = new Map<string, string>()
  for (let person = 10; person < 35; person++) {
    const personId = String(person)
    ciphertexts.set(personId, await before.encrypt(personId, `person ${person}`, EMAIL))
  }
  const onlySecond = secondText.replace(/^v1:.*\n/m, '')
  return { memory, ciphertexts, firstText, secondText, onlySecond, depsOf }
}

type Rotation = Awaited<ReturnType<typeof createRotation>>

async function expectAllReadable(rotation: Rotation, operatorKeyText: string) {
  const keys = createPersonKeys(rotation.depsOf(operatorKeyText))
  for (const [personId, ciphertext] of rotation.ciphertexts) {
    expect(await keys.decrypt(personId, ciphertext, EMAIL)).toBe(`person ${personId}`)
  }
}

describe('a rotation of the operator key', () => {
  test('re-wraps every key; afterwards the old version may go, and no data has changed', async () => {
    const rotation = await createRotation()
    const seen: RewrapProgress[] = []
    const result = await rewrapPersonKeys(rotation.depsOf(rotation.secondText), {
      batchSize: 10,
      onProgress: (progress) => void seen.push(progress),
    })
    expect(result).toEqual({ rewrapped: 25, failed: 0, remaining: 0 })
    expect(seen.map(({ remaining }) => remaining)).toEqual([15, 5, 0])
    await expectAllReadable(rotation, rotation.onlySecond)
    await expectAllReadable(rotation, rotation.secondText)
  })

  test('without it the old version is still needed', async () => {
    const rotation = await createRotation()
    const early = expectAllReadable(rotation, rotation.onlySecond)
    await expect(early).rejects.toThrow(refusal('OPERATOR_KEY_UNKNOWN'))
  })

  test('stops between batches and resumes where it stood', async () => {
    const rotation = await createRotation()
    const deps = rotation.depsOf(rotation.secondText)
    const controller = new AbortController()
    const aborted = rewrapPersonKeys(deps, {
      batchSize: 10,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    await expect(aborted).rejects.toThrow(refusal('REWRAP_ABORTED'))
    await expectAllReadable(rotation, rotation.secondText)
    expect(await rewrapPersonKeys(deps, { batchSize: 10 })).toEqual({
      rewrapped: 15,
      failed: 0,
      remaining: 0,
    })
    await expectAllReadable(rotation, rotation.onlySecond)
  })

  test('a second run finds nothing to do', async () => {
    const rotation = await createRotation()
    const deps = rotation.depsOf(rotation.secondText)
    await rewrapPersonKeys(deps)
    expect(await rewrapPersonKeys(deps)).toEqual({ rewrapped: 0, failed: 0, remaining: 0 })
  })

  test('passes by erased persons and keys that nothing opens, and says how many', async () => {
    const rotation = await createRotation()
    const deps = rotation.depsOf(rotation.secondText)
    await createPersonKeys(deps).shred('10')
    rotation.memory.rows.set('11', { personId: '11', keyVersion: 1, wrappedKey: 'w1.AA.AA' })
    rotation.memory.rows.set('12', { personId: '12', keyVersion: 0, wrappedKey: 'w1.AA.AA' })
    const result = await rewrapPersonKeys(deps, { batchSize: 3 })
    expect(result).toEqual({ rewrapped: 22, failed: 2, remaining: 2 })
    expect(rotation.memory.rows.get('10')?.wrappedKey).toBeNull()
  })

  test('never brings back a person who is shredded meanwhile', async () => {
    const rotation = await createRotation()
    const deps = rotation.depsOf(rotation.secondText)
    const findWrappedBelow: typeof deps.store.findWrappedBelow = async (version, page) => {
      const rows = await deps.store.findWrappedBelow(version, page)
      await createPersonKeys(deps).shred('20')
      return rows
    }
    const result = await rewrapPersonKeys({ ...deps, store: { ...deps.store, findWrappedBelow } })
    expect(result.rewrapped).toBe(24)
    expect(rotation.memory.rows.get('20')?.wrappedKey).toBeNull()
  })

  test('lets a failure of the store through', async () => {
    const rotation = await createRotation()
    const deps = rotation.depsOf(rotation.secondText)
    const replace = () => Promise.reject(new Error('database is gone'))
    const broken = rewrapPersonKeys({ ...deps, store: { ...deps.store, replace } })
    await expect(broken).rejects.toThrow('database is gone')
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createPersonKeys } from '#kernel/crypto/person-keys.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { createMemoryKeyStore } from './memory-key-store.ts'

const EMAIL = { context: 'users.email' }
const refusal = (code: string) => expect.objectContaining({ code })

function createWorld(memory = createMemoryKeyStore()) {
  const randomness = createSeededRandomness('person keys')
  const operatorKeys = parseOperatorKeys(newOperatorKeyText(randomness))
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const deps = { operatorKeys, store: memory.store, randomness, clock }
  return { keys: createPersonKeys(deps), memory, clock, deps }
}

describe('encryption under a key per person', () => {
  test('what was encrypted is read again, and stands nowhere in the clear', async () => {
    const { keys, memory } = createWorld()
    const ciphertext = await keys.encrypt('7', 'ada@example.com', EMAIL)
    expect(ciphertext).toMatch(/^e1\.[\w-]{16}\.[\w-]+$/)
    expect(ciphertext).not.toContain('ada')
    expect(memory.rows.get('7')?.wrappedKey).toMatch(/^w1\.[\w-]{16}\.[\w-]{64}$/)
    expect(await keys.decrypt('7', ciphertext, EMAIL)).toBe('ada@example.com')
  })

  test('any text comes back as it was, and never twice as the same ciphertext', async () => {
    const { keys } = createWorld()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
        const first = await keys.encrypt('7', text, EMAIL)
        const second = await keys.encrypt('7', text, EMAIL)
        expect(first).not.toBe(second)
        expect(await keys.decrypt('7', first, EMAIL)).toBe(text)
      }),
    )
  })

  test('a ciphertext moved to another person or another column does not open', async () => {
    const { keys } = createWorld()
    const ciphertext = await keys.encrypt('7', 'secret', EMAIL)
    await keys.encrypt('8', 'other', EMAIL)
    await expect(keys.decrypt('8', ciphertext, EMAIL)).rejects.toThrow(
      refusal('CIPHERTEXT_INVALID'),
    )
    const moved = keys.decrypt('7', ciphertext, { context: 'users.phone' })
    await expect(moved).rejects.toThrow(refusal('CIPHERTEXT_INVALID'))
  })

  test('a wrapped key moved to another person does not open', async () => {
    const { keys, memory, deps } = createWorld()
    await keys.encrypt('7', 'secret', EMAIL)
    const row = memory.rows.get('7')
    if (row) memory.rows.set('8', { ...row, personId: '8' })
    const fresh = createPersonKeys(deps)
    await expect(fresh.encrypt('8', 'x', EMAIL)).rejects.toThrow(refusal('PERSON_KEY_UNREADABLE'))
  })

  test('no changed ciphertext opens', async () => {
    const { keys } = createWorld()
    const ciphertext = await keys.encrypt('7', 'ada@example.com', EMAIL)
    const edit = fc.record({
      at: fc.nat(ciphertext.length - 1),
      character: fc.constantFrom(...'AZaz09-_.=+/ é'),
      isInsertion: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, character, isInsertion }) => {
        const changed =
          ciphertext.slice(0, at) + character + ciphertext.slice(isInsertion ? at : at + 1)
        fc.pre(changed !== ciphertext)
        const opened = keys.decrypt('7', changed, EMAIL)
        await expect(opened).rejects.toThrow(refusal('CIPHERTEXT_INVALID'))
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['', 'e1', 'e1.', 'e1..', 'e1.AAAA.AAAA', 'e2.AAAAAAAAAAAAAAAA.AAAA', 'plain text'])(
    'the text %j is no ciphertext',
    async (text) => {
      const { keys } = createWorld()
      await keys.encrypt('7', 'x', EMAIL)
      await expect(keys.decrypt('7', text, EMAIL)).rejects.toThrow(refusal('CIPHERTEXT_INVALID'))
    },
  )

  test('strange persons, contexts and huge values are refused', async () => {
    const { keys } = createWorld()
    const person = refusal('PERSON_REFERENCE_INVALID')
    await expect(keys.encrypt('7:users', 'x', EMAIL)).rejects.toThrow(person)
    await expect(keys.shred('')).rejects.toThrow(person)
    const context = keys.encrypt('7', 'x', { context: 'email' })
    await expect(context).rejects.toThrow(refusal('COLUMN_CONTEXT_INVALID'))
    const huge = keys.encrypt('7', 'x'.repeat(1_000_001), EMAIL)
    await expect(huge).rejects.toThrow(refusal('PLAINTEXT_TOO_LARGE'))
  })

  test('two processes that make a key at once agree on one', async () => {
    const { deps } = createWorld()
    const [first, second] = [createPersonKeys(deps), createPersonKeys(deps)]
    const ciphertexts = await Promise.all(
      [first, second, first, second].map((keys) => keys.encrypt('7', 'x', EMAIL)),
    )
    for (const ciphertext of ciphertexts) {
      expect(await createPersonKeys(deps).decrypt('7', ciphertext, EMAIL)).toBe('x')
    }
  })
})

describe('many values', () => {
  test('are decrypted with one look, with null for whoever was erased', async () => {
    const { keys, memory, deps } = createWorld()
    const values = []
    for (const personId of ['1', '2', '3']) {
      const ciphertext = await keys.encrypt(personId, `person ${personId}`, EMAIL)
      values.push({ personId, ciphertext, ...EMAIL })
    }
    await keys.shred('2')
    const before = memory.looks()
    const texts = await createPersonKeys(deps).decryptMany([...values, ...values])
    expect(texts).toEqual(['person 1', null, 'person 3', 'person 1', null, 'person 3'])
    expect(memory.looks() - before).toBe(1)
  })

  test('one forged value refuses the whole', async () => {
    const { keys } = createWorld()
    const ciphertext = await keys.encrypt('1', 'x', EMAIL)
    const values = [
      { personId: '1', ciphertext, ...EMAIL },
      { personId: '1', ciphertext: `${ciphertext.slice(0, -2)}AA`, ...EMAIL },
    ]
    await expect(keys.decryptMany(values)).rejects.toThrow(refusal('CIPHERTEXT_INVALID'))
  })
})

describe('shredding', () => {
  test('makes what stood unreadable for ever, and no new key takes its place', async () => {
    const { keys, memory } = createWorld()
    const ciphertext = await keys.encrypt('7', 'secret', EMAIL)
    expect(await keys.shred('7')).toBe(true)
    const missing = refusal('PERSON_KEY_MISSING')
    await expect(keys.decrypt('7', ciphertext, EMAIL)).rejects.toThrow(missing)
    await expect(keys.encrypt('7', 'again', EMAIL)).rejects.toThrow(missing)
    expect(memory.rows.get('7')?.wrappedKey).toBeNull()
  })

  test('leaves others readable, and tells when there was nothing to shred', async () => {
    const { keys } = createWorld()
    const ciphertext = await keys.encrypt('8', 'kept', EMAIL)
    await keys.encrypt('7', 'gone', EMAIL)
    expect(await keys.shred('7')).toBe(true)
    expect(await keys.shred('7')).toBe(false)
    expect(await keys.shred('9')).toBe(false)
    expect(await keys.decrypt('8', ciphertext, EMAIL)).toBe('kept')
  })

  test('is known to other processes within a minute', async () => {
    const { keys, deps, clock } = createWorld()
    const other = createPersonKeys(deps)
    const ciphertext = await other.encrypt('7', 'secret', EMAIL)
    await keys.shred('7')
    clock.advance(60_001)
    const read = other.decrypt('7', ciphertext, EMAIL)
    await expect(read).rejects.toThrow(refusal('PERSON_KEY_MISSING'))
  })

  test('wins against a row that is replaced at the same moment', async () => {
    const memory = createMemoryKeyStore()
    const { keys, deps } = createWorld(memory)
    await keys.encrypt('7', 'secret', EMAIL)
    let isFirst = true
    const store = {
      ...memory.store,
      replace: async (...rows: Parameters<typeof memory.store.replace>) => {
        const row = memory.rows.get('7')
        if (isFirst && row) memory.rows.set('7', { ...row, wrappedKey: 'w1.re.wrapped' })
        isFirst = false
        return memory.store.replace(...rows)
      },
    }
    expect(await createPersonKeys({ ...deps, store }).shred('7')).toBe(true)
    expect(memory.rows.get('7')?.wrappedKey).toBeNull()
  })
})

test('shredding gives up, and says so, when the row never holds still', async () => {
  const { keys, memory, deps } = createWorld()
  await keys.encrypt('7', 'secret', EMAIL)
  const store = { ...memory.store, replace: async () => false }
  const shred = createPersonKeys({ ...deps, store }).shred('7')
  await expect(shred).rejects.toThrow(refusal('PERSON_KEY_BUSY'))
})

describe('within a transaction', () => {
  test('a key made there is forgotten when the transaction is rolled back', async () => {
    const { keys, memory, deps } = createWorld()
    const uncommitted = createMemoryKeyStore(new Map(memory.rows))
    await keys.within(uncommitted.store).encrypt('7', 'lost', EMAIL)
    const ciphertext = await keys.encrypt('7', 'stands', EMAIL)
    expect(await createPersonKeys(deps).decrypt('7', ciphertext, EMAIL)).toBe('stands')
  })

  test('it reads what it made, and the shared cache is not asked twice', async () => {
    const { keys, memory } = createWorld()
    await keys.encrypt('7', 'x', EMAIL)
    const before = memory.looks()
    const inside = keys.within(memory.store)
    const ciphertext = await inside.encrypt('7', 'y', EMAIL)
    expect(await inside.decrypt('7', ciphertext, EMAIL)).toBe('y')
    expect(memory.looks()).toBe(before)
  })

  test('shredding there is felt by the shared cache', async () => {
    const { keys, memory } = createWorld()
    const ciphertext = await keys.encrypt('7', 'x', EMAIL)
    await keys.within(memory.store).shred('7')
    const read = keys.decrypt('7', ciphertext, EMAIL)
    await expect(read).rejects.toThrow(refusal('PERSON_KEY_MISSING'))
  })
})

test('the cache is bounded: the least used key is unwrapped anew', async () => {
  const { deps, memory } = createWorld()
  const keys = createPersonKeys({ ...deps, cacheCapacity: 2 })
  for (const personId of ['1', '2', '3']) await keys.encrypt(personId, 'x', EMAIL)
  const before = memory.looks()
  await keys.encrypt('3', 'x', EMAIL)
  expect(memory.looks()).toBe(before)
  await keys.encrypt('1', 'x', EMAIL)
  expect(memory.looks()).toBe(before + 1)
})

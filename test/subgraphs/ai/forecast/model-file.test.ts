import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isDomainError } from '#kernel/errors.ts'
import {
  MAX_MODEL_BYTES,
  MODEL_FILE,
  parseModelFile,
  printModelFile,
  readModelFile,
} from '#subgraphs/ai/services/forecast/model-file.ts'
import { PINNED_DIGEST } from '#subgraphs/ai/services/forecast/pinned-digest.ts'
import { codeOf, model, temporaryFile } from './forecast-kit.ts'

const text = readFileSync(MODEL_FILE, 'utf8')
type Loose = { body: Record<string, never>; sha256: string }

/** The file after a change of what it says, its digest left as it was. */
function alteredBy(change: (file: { body: typeof model; sha256: string }) => void): string {
  const file = JSON.parse(text)
  change(file)
  return JSON.stringify(file)
}

test('the committed file is the one that the code pins, prints the same bytes and is small', () => {
  expect(printModelFile(model)).toEqual({ text, sha256: PINNED_DIGEST })
  expect(Buffer.byteLength(text)).toBeLessThan(MAX_MODEL_BYTES)
})

test('the order of its keys and its white space do not matter', () => {
  const { body, sha256 }: Loose = JSON.parse(text)
  const turned = Object.fromEntries(Object.entries(body).reverse())
  expect(parseModelFile(JSON.stringify({ sha256, body: turned }, null, 2))).toEqual(model)
})

test.each<[string, string]>([
  ['one weight', alteredBy(({ body }) => Object.assign(body.weights[1] ?? {}, { home: 0.5 }))],
  ['one rating', alteredBy(({ body }) => Object.assign(body.teams[7] ?? {}, { elo: 1900 }))],
  ['its evaluation', alteredBy(({ body }) => Object.assign(body.evaluation, { gapClosed: 1 }))],
  ['an extra field', alteredBy(({ body }) => Object.assign(body, { note: 'better' }))],
  ['a team left out', alteredBy(({ body }) => body.teams.pop())],
  ['its digest', alteredBy((file) => Object.assign(file, { sha256: 'a'.repeat(64) }))],
])('a file with %s altered answers MODEL_FILE_ALTERED', (_what, altered) => {
  expect(codeOf(() => parseModelFile(altered))).toBe('MODEL_FILE_ALTERED')
})

test.each<[string, string]>([
  ['cut short', text.slice(0, -100)],
  ['empty', ''],
  ['a list', '[]'],
  ['with a field beside its digest', alteredBy((file) => Object.assign(file, { by: 'me' }))],
  ['with a digest that is none', alteredBy((file) => Object.assign(file, { sha256: 'abc' }))],
  ['too large', text + ' '.repeat(MAX_MODEL_BYTES)],
])('a file %s answers MODEL_FILE_INVALID', (_what, broken) => {
  expect(codeOf(() => parseModelFile(broken))).toBe('MODEL_FILE_INVALID')
})

test('a model of another format is refused though its digest is right', () => {
  expect(() => printModelFile({ ...model, format: 2 } as unknown as typeof model)).toThrow()
  const weights = model.weights.toReversed()
  expect(() => printModelFile({ ...model, weights })).toThrow()
})

test('a file altered together with its own digest is found by the digest that is pinned', async () => {
  const forged = printModelFile({ ...model, version: '9.9.9' })
  expect(parseModelFile(forged.text).version).toBe('9.9.9')
  await using file = await temporaryFile(forged.text)
  await expect(readModelFile(file.url)).rejects.toMatchObject({ code: 'MODEL_FILE_ALTERED' })
})

test('the committed text is read from any place, a file that is absent is refused', async () => {
  await using file = await temporaryFile(text)
  expect(await readModelFile(file.url)).toEqual(model)
  const absent = new URL('absent.json', file.url)
  await expect(readModelFile(absent)).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' })
})

test('a refusal names its cause', () => {
  let failure: unknown
  try {
    parseModelFile('{')
  } catch (caught) {
    failure = caught
  }
  expect(isDomainError(failure, 'MODEL_FILE_INVALID') && failure.cause).toBeInstanceOf(SyntaxError)
})

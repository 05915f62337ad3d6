import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const kit = join(root, 'test/kit/clients')

/** The lines of a text however deep they stand. */
const flat = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

const sources = readdirSync(kit).map((name) => flat(readFileSync(join(kit, name), 'utf8')))
const isTaken = (example: string) => sources.some((source) => source.includes(flat(example)))

const page = readFileSync(join(root, 'docs/live.md'), 'utf8')
const examples = [...page.matchAll(/```ts\n(.+?)```/gs)].map(([, example = '']) => example)

test.each(examples.map((example) => ({ first: example.split('\n', 1)[0], example })))(
  '$first … stands in the clients that are tried',
  ({ example }) => {
    expect(isTaken(example)).toBe(true)
  },
)

test('an example that nobody tried is found', () => {
  expect(examples.length).toBeGreaterThan(5)
  expect(isTaken('retryAttempts: Number.POSITIVE_INFINITY,')).toBe(true)
  expect(isTaken('retryAttempts: 5,')).toBe(false)
})

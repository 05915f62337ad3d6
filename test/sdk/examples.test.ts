import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../arch/kit/tree.ts'
import { startPlatform, type TestPlatform } from '../kit/platform.ts'
import { openPartner, type Partner } from './partner.ts'
import { SETUP_MS } from './sdk-world.ts'

const FOLDER = join(projectRoot, 'docs/examples')
const examples = readdirSync(FOLDER)
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

let platform: TestPlatform
let partner: Partner
beforeAll(async () => {
  const starting = startPlatform({ env: { ODDS_FEED: 'simulator' } })
  // Meanwhile, in processes of its own.
  ;[platform, partner] = await Promise.all([starting, openPartner()])
}, SETUP_MS)
afterAll(async () => {
  await partner[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

test('every example of the page stands in a file, and every file in the page', () => {
  const page = readFileSync(join(projectRoot, 'docs/clients.md'), 'utf8')
  const shown = [...page.matchAll(/^```(?:ts|sh)\n(.+?)^```/gms)].map(([, text]) => text)
  expect(shown.toSorted()).toEqual(examples.map(textOf).toSorted())
})

test('every example is compiled as a partner compiles it', async () => {
  const programs = examples.filter((name) => name.endsWith('.ts'))
  const texts = programs.map((name) => [name, textOf(name)])
  expect(await partner.compile(Object.fromEntries(texts))).toBe('')
})

describe('an example says what it promises', () => {
  const said = async (name: string) => {
    const text = await partner.run(name, { DBSBM_URL: platform.url })
    return text.trimEnd().split('\n')
  }

  test('partner.ts', async () => {
    expect(await said('partner.ts')).toEqual([
      expect.stringMatching(/^\S.* – \S.*, \d{4}-/),
      expect.stringMatching(/^now at \d+, to go on after \S{20,}$/),
      expect.stringMatching(/^refused: PRICE_CHANGED, request \S+$/),
      expect.stringMatching(/^placed at \d+: OPEN$/),
    ])
  })

  test('keeping-a-cursor.ts, which goes on where it ended', async () => {
    const first = await said('keeping-a-cursor.ts')
    expect(first.filter((line) => line.startsWith('PLACED'))).toHaveLength(1)
    const again = await said('keeping-a-cursor.ts')
    expect(again).toContain('the stream is live')
    expect(again.filter((line) => line.startsWith('PLACED'))).toEqual([])
  })

  test('own-operation.ts', async () => {
    expect(await said('own-operation.ts')).toEqual([expect.stringMatching(/^Acme Sharps: \S/)])
  })

  test('apollo.ts', async () => {
    expect(await said('apollo.ts')).toEqual([
      expect.stringMatching(/^\S.*, .*, /),
      expect.stringMatching(/^now at \d+$/),
    ])
  })

  test('curl.sh', async () => {
    const env = { ...process.env, DBSBM_URL: platform.url }
    const { stdout } = await promisify(execFile)('bash', [join(FOLDER, 'curl.sh')], { env })
    const [answer = '', first, second, again] = stdout.trimEnd().split('\n')
    expect(JSON.parse(answer)).toMatchObject({
      data: { fixtures: { edges: [{ node: {} }, { node: {} }] } },
      extensions: { cost: { requested: expect.any(Number) } },
    })
    expect(first).toMatch(/^data: \{"data":\{"oddsChanged":\{"odds":\d+/)
    // After the first comes what came after the first.
    expect(again).toBe(second)
  })
})

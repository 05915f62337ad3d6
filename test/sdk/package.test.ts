import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPartner, type Partner } from './partner.ts'
import { SETUP_MS } from './sdk-world.ts'

let partner: Partner
beforeAll(async () => {
  partner = await openPartner()
}, SETUP_MS)
afterAll(() => partner[Symbol.asyncDispose]())

const HEAD = `import { createDbsbm, FixturesDocument, PlaceBetDocument, isDbsbmError } from '@dbsbm/sdk'
import { graphql } from '@dbsbm/sdk/graphql'
const client = createDbsbm({ url: 'https://platform.example/graphql', credentials: { apiKey: 'dsk_1' } })
const own = graphql('query Own { me { id displayName } }')
`

/** What a program asks for that does not exist, and what the compiler says of it. */
const REFUSED = [
  // It reads a field that nobody asked for.
  {
    line: 'export const x = (await client.query(FixturesDocument)).fixtures?.edges[0]?.node.hom',
    says: "'hom'",
  },
  // It takes a text for a number.
  { line: 'export const x: number = (await client.query(own)).me!.id', says: "'number'" },
  // It reads a field that its own document does not have.
  { line: 'export const x = (await client.query(own)).me?.email', says: "'email'" },
  // It reads what its own document asks for and nobody has.
  {
    line: 'export const x: string = (await client.query(graphql("{ nobody }"))).nobody',
    says: "'unknown'",
  },
  // It sends a variable of another type.
  { line: 'await client.query(FixturesDocument, { first: "5" })', says: "'string'" },
  // It sends no variables where some are needed.
  { line: 'await client.mutate(PlaceBetDocument)', says: 'TS2' },
  // It asks for a code that does not exist.
  { line: 'isDbsbmError(null, "PRICE_CHANGD")', says: 'PRICE_CHANGD' },
]

describe('a program of a partner', () => {
  test('passes where it reads and sends what there is', async () => {
    const program = `${HEAD}
const { fixtures } = await client.query(FixturesDocument, { first: 5 })
export const odds: number | undefined = fixtures?.edges[0]?.node.markets[0]?.selections[0]?.bestBack?.odds
export const name: string | null | undefined = (await client.query(own)).me?.displayName
export async function bet(accountId: string, selectionId: string) {
  try {
    const input = {
      accountId, stake: { amount: '500', currency: 'EUR' }, legs: [{ selectionId, odds: 2000 }],
      priceChange: 'BETTER' as const, idempotencyKey: 'one-of-my-own',
    }
    return await client.mutate(PlaceBetDocument, { input })
  } catch (failure) {
    if (isDbsbmError(failure, 'PRICE_CHANGED')) return failure.errors[0]?.extensions
    throw failure
  }
}
`
    expect(await partner.compile({ 'program.ts': program })).toBe('')
  })

  test('is refused, and told where, for what there is not', async () => {
    const programs = REFUSED.map(({ line }, index) => [`refused-${index}.ts`, HEAD + line])
    const told = await partner.compile(Object.fromEntries(programs))
    for (const [index, { says }] of REFUSED.entries())
      expect(told).toMatch(new RegExp(`^refused-${index}\\.ts\\(5,[^]*?${says}`, 'm'))
    expect(told.match(/^refused/gm)).toHaveLength(REFUSED.length)
  })

  test('runs on what was packed alone', async () => {
    const program = `import { createDbsbm, isDbsbmError } from '@dbsbm/sdk'
const client = createDbsbm({ url: 'http://127.0.0.1:1/graphql', retries: 0 })
try { await client.query('{ me { id } }') } catch (failure) {
  process.stdout.write(String(isDbsbmError(failure) && failure.code))
}`
    await writeFile(join(partner.folder, 'program.mjs'), program)
    expect(await partner.run('program.mjs')).toBe('NETWORK_UNREACHABLE')
  })
})

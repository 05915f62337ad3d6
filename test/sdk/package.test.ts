import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../arch/kit/tree.ts'

const run = promisify(execFile)
const TSC = join(projectRoot, 'node_modules/.bin/tsc')
const NEEDED = ['graphql', 'graphql-ws', 'gql.tada', '@gql.tada', '@0no-co']

/** A package of somebody else's, beside which ours lies as it is packed. */
let partner: string
beforeAll(async () => {
  partner = await mkdtemp(join(tmpdir(), 'dbsbm-partner-'))
  const modules = join(partner, 'node_modules')
  const own = join(modules, '@dbsbm/sdk')
  // A copy is packed: others may look at the project meanwhile.
  const copy = join(partner, 'copy')
  await cp(join(projectRoot, 'sdk'), copy, { recursive: true })
  await rm(join(copy, 'dist'), { recursive: true, force: true })
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'))
  await run(TSC, ['--project', 'tsconfig.json'], { cwd: copy })
  const packing = ['pack', '--ignore-scripts', '--offline', '--pack-destination', partner]
  await run('npm', packing, { cwd: copy })
  await mkdir(own, { recursive: true })
  const tar = ['-xzf', join(partner, 'dbsbm-sdk-0.1.0.tgz'), '--strip-components=1', '-C', own]
  await run('tar', tar)
  for (const name of NEEDED)
    await symlink(join(projectRoot, 'node_modules', name), join(modules, name))
  await writeFile(join(partner, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rm(partner, { recursive: true, force: true }))

const FLAGS = [
  ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
  ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024,dom', '--types', ''],
]

/** What the compiler says of programs of the partner's; empty where all pass. */
async function compiled(programs: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(programs)) await writeFile(join(partner, name), text)
  return run(TSC, [...FLAGS, ...Object.keys(programs)], { cwd: partner }).then(
    () => '',
    ({ stdout }) => String(stdout),
  )
}

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
    expect(await compiled({ 'program.ts': program })).toBe('')
  })

  test('is refused, and told where, for what there is not', async () => {
    const programs = REFUSED.map(({ line }, index) => [`refused-${index}.ts`, HEAD + line])
    const told = await compiled(Object.fromEntries(programs))
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
    await writeFile(join(partner, 'program.mjs'), program)
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: partner })
    expect(stdout).toBe('NETWORK_UNREACHABLE')
  })
})

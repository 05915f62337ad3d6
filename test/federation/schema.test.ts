import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { defaultPort } from '#kernel/config.ts'
import { composeSupergraph, printSubgraph } from '#kernel/graphql/compose.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { undescribed } from '../arch/rules/access.ts'
import { apiOf, breakingChanges } from './breaking-changes.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SUBGRAPHS: readonly Subgraph[] = [identity, tenancy, ai, compliance, analytics]
const STALE =
  'schema/ does not say what the code says: run `npm run schema` and review what changed'

const printed = SUBGRAPHS.map(({ name, schema }) => ({
  name,
  url: `http://127.0.0.1:${defaultPort(name)}/graphql`,
  sdl: printSubgraph(schema),
}))
const composed = composeSupergraph(printed)
const fileOf = (name: string) => readFile(`${ROOT}schema/${name}.graphql`, 'utf8')

/** The supergraph of the last commit; the file itself where the project is no clone. */
async function committedSupergraph(): Promise<string> {
  const asked = promisify(execFile)('git', ['show', 'HEAD:schema/supergraph.graphql'], {
    cwd: ROOT,
    maxBuffer: 16_777_216,
  })
  return asked.then(
    ({ stdout }) => stdout,
    () => fileOf('supergraph'),
  )
}

describe('the files of schema/', () => {
  test.each(printed)('that of $name is what the code says', async ({ name, sdl }) => {
    expect(await fileOf(name), STALE).toBe(sdl)
  })

  test('that of the supergraph is what the subgraphs compose to', async () => {
    expect(await fileOf('supergraph'), STALE).toBe(composed)
  })
})

describe('composition', () => {
  test('a contradiction between two subgraphs is refused with its reasons', () => {
    const contradicting = printed.map((subgraph) =>
      subgraph.name === 'analytics'
        ? { ...subgraph, sdl: subgraph.sdl.replace(/(type Guild[^{]*\{)/, '$1 name: Int') }
        : subgraph,
    )
    const compose = () => composeSupergraph(contradicting)
    expect(compose).toThrow(expect.objectContaining({ code: 'COMPOSITION_FAILED' }))
    expect(reasonsOf(compose).join('\n')).toMatch(/Guild\.name/)
  })
})

function reasonsOf(compose: () => unknown): readonly string[] {
  try {
    compose()
  } catch (failure) {
    return (failure as { extensions: { reasons: string[] } }).extensions.reasons
  }
  return []
}

describe('breaking changes', () => {
  test('none since the last commit: what goes is deprecated first', async () => {
    const before = apiOf(await committedSupergraph())
    expect(await breakingChanges(before, apiOf(composed))).toEqual([])
  })

  const before = buildSchema('type Query { odds: Int, price(id: ID): Int }')

  test('a field that went and an argument that became required are reported', async () => {
    const after = buildSchema('type Query { price(id: ID!): Int }')
    expect(await breakingChanges(before, after)).toMatchInlineSnapshot(`
      [
        "BREAKING Query.odds: Field 'odds' was removed from object type 'Query'",
        "BREAKING Query.price.id: Type for argument 'id' on field 'Query.price' changed from 'ID' to 'ID!'",
      ]
    `)
  })

  test('a field that came is none', async () => {
    const after = buildSchema('type Query { odds: Int, price(id: ID): Int, lay: Int }')
    expect(await breakingChanges(before, after)).toEqual([])
  })
})

test('clients find a description of every type and field', () => {
  expect(undescribed(apiOf(composed))).toEqual([])
})

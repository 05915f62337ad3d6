import fc from 'fast-check'
import { type GraphQLSchema, validate } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { withoutRulesOnAnimal, zoo } from '../access/zoo.ts'
import {
  anonymous,
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  viewerWith,
  type World,
} from './federated-world.ts'
import { randomQuery } from './random-query.ts'

const SCOPES = ['email:read', 'people:read', 'all:read', 'money:read', 'ids:read', 'cats:read']
const anyViewer = fc
  .option(fc.subarray(SCOPES), { nil: null })
  .map((scopes) => (scopes ? viewerWith(...scopes) : anonymous))

type Asked = { query: string; viewer: Viewer; flag: boolean }

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

/** One supergraph with either executor. */
type Both = { ours: Loaded; apollos: Loaded }

async function loadBoth(world: World): Promise<Both> {
  return { ours: await loadWorld(world), apollos: await loadWorld(world, { executor: 'apollo' }) }
}

/** What the two executors answer to one question. */
async function bothAnswers({ ours, apollos }: Both, { query, viewer, flag }: Asked) {
  const answerOf = async (loaded: Loaded) => {
    const filtered = loaded.authorise(operationOf(query), viewer)
    const variables = { flag }
    return {
      filtered,
      answer: plain(await loaded.executor(filtered, { variables, ...loaded.reached })),
    }
  }
  const [{ filtered, answer: ofOurs }, { answer: ofApollo }] = await Promise.all([
    answerOf(ours),
    answerOf(apollos),
  ])
  return { filtered, ofApollo, ofOurs }
}

function isValid(apiSchema: GraphQLSchema, query: string): boolean {
  return validate(apiSchema, operationOf(query).document).length === 0
}

/** Text that must not stand in an answer without the scopes beside it. */
const SECRETS: readonly [RegExp, (viewer: Viewer) => boolean][] = [
  [
    /@zoo\.example/,
    ({ scopes }) =>
      scopes.includes('all:read') ||
      (scopes.includes('email:read') && scopes.includes('people:read')),
  ],
  [/:100\b/, ({ scopes }) => scopes.includes('money:read')],
  [/Tom|rrr|C-2/, ({ scopes }) => scopes.includes('cats:read')],
  [/door code|CALM|"n"/, ({ kind }) => kind !== 'anonymous'],
  [/open at nine/, () => false],
]

describe('over random questions and rights', () => {
  let park: Both
  let bare: Both

  beforeAll(async () => {
    park = await loadBoth(federatedWorld(zoo))
    bare = await loadBoth(federatedWorld(zoo, withoutRulesOnAnimal))
  })

  test('nobody is answered what they may not see, by either engine', async () => {
    let compared = 0
    const property = fc.asyncProperty(
      fc.record({
        query: randomQuery(park.ours.apiSchema),
        viewer: anyViewer,
        flag: fc.boolean(),
      }),
      fc.boolean(),
      async (asked, isBare) => {
        const both = isBare ? bare : park
        const { apiSchema } = both.ours
        if (!isValid(apiSchema, asked.query)) return
        const { filtered, ofApollo, ofOurs } = await bothAnswers(both, asked)
        compared++
        if (!filtered.isFullyDenied) expect(validate(apiSchema, filtered.document)).toEqual([])
        expect((ofApollo.errors?.length ?? 0) > 0).toBe(filtered.removedPaths.length > 0)
        for (const [secret, isAllowed] of SECRETS)
          if (!isAllowed(asked.viewer))
            expect(JSON.stringify([ofApollo, ofOurs])).not.toMatch(secret)
        // Not of one order of keys: Apollo's is how its planner merged fragments. differential.test.ts holds ours to graphql-js.
        expect(ofOurs).toEqual(ofApollo)
      },
    )
    await fc.assert(property, { numRuns: 400 })
    expect(compared).toBeGreaterThan(100)
  })
})

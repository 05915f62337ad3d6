import { readFileSync } from 'node:fs'
import { getVariableValues, Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { defaultDemand } from '#gateway/demand/demand-settings.ts'
import { planCost } from '#gateway/demand/plan-cost.ts'
import { settingsFromConfig } from '#gateway/settings-from-config.ts'
import { readConfig } from '#kernel/config.ts'
import { EXAMPLES } from '../../kit/examples.ts'
import { federatedWorld, type Loaded, loadWorld, viewerWith } from '../engine/federated-world.ts'

const sdl = readFileSync('schema/supergraph.graphql', 'utf8')
const scopes = [...sdl.matchAll(/@requiresScopes\(scopes: (\[\[.*?\]\])\)/g)].flatMap(
  ([, listed = '[]']) => (JSON.parse(listed) as string[][]).flat(),
)

/** What each operation of a document is estimated to cost for somebody who may see all of it. */
async function costsOf(loaded: Loaded, text: string): Promise<[name: string, cost: number][]> {
  const document = parse(text)
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const costs = operations.map(async (operation): Promise<[string, number]> => {
    const operationName = operation.name?.value ?? ''
    const viewer = viewerWith(...new Set(scopes))
    const filtered = loaded.authorise({ document, operationName }, viewer)
    expect(filtered.removedPaths, operationName).toEqual([])
    const plan = await loaded.plans.planOf(filtered)
    const { listSize } = defaultDemand
    const { coerced = {} } = getVariableValues(
      loaded.apiSchema,
      operation.variableDefinitions ?? [],
      {},
    )
    const cost = planCost(plan, { tables: loaded.costs, listSize })
    return [operationName, cost.estimate(coerced).total]
  })
  return Promise.all(costs)
}

test('what people begin with costs a small part of what they may spend', async () => {
  // Nothing is fetched here: any subgraph will do.
  const loaded = await loadWorld(
    federatedWorld({ any: { sdl: 'type Query { a: Int }' } }, () => sdl),
  )
  const costs = Object.fromEntries(
    (await Promise.all(EXAMPLES.map((text) => costsOf(loaded, text)))).flat(),
  )
  expect(costs).toMatchInlineSnapshot(`
    {
      "AuditTrail": 92,
      "BettingSlip": 133,
      "FiveSubgraphs": 139,
      "GuildBoard": 1201,
      "OddsMoving": 3,
      "PlaceBet": 18,
      "Portfolio": 3,
      "SecurityEvents": 2,
      "SignIn": 12,
    }
  `)
  const { demand } = settingsFromConfig(readConfig({}).gateway)
  expect(demand.mode).toBe('enforce')
  const dearest = Math.max(...Object.values(costs))
  expect(dearest).toBeLessThan(demand.maxCost / 100)
  // Each person may ask the dearest of them five times a second for ever.
  expect(dearest * 5).toBeLessThan(demand.budgets.user.perSecond)
  expect((costs.SignIn ?? 0) * 30).toBeLessThan(demand.budgets.signIn.perSecond)
  expect(readConfig({ GATEWAY_SUPERGRAPH: 'a.graphql' }).gateway.demand.mode).toBe('measure')
  // What nobody configured is what the settings say where nothing is given.
  const { maxDirectives: _limit, ...configured } = readConfig({}).gateway.demand
  expect({ ...defaultDemand, mode: 'enforce' }).toMatchObject(configured)
})

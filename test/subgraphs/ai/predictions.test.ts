import { expect, test } from 'vitest'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { NOON, openAi, predictionsOf, resultOf, USUAL, until, userOf } from './ai-kit.ts'
import { storedOnce } from './prediction-suite.ts'
import { untilScored } from './scoring-suite.ts'

const KNOWN = { home: 'Arsenal', away: 'Chelsea' }
const UNKNOWN = { home: 'Ambermoor', away: 'Brackwater' }
type Invented = { id: string; markets: { consensus: object | null }[] }

const ODDS_READER = userOf({ kind: 'none' }, ['fixtures:read', 'odds:read'])
const OUTCOMES = ['home', 'draw', 'away'] as const

test('known teams without prices are predicted by the model, which explains itself', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN)
  const { all, codes } = await predictionsOf(world, [id])
  const [prediction] = all
  expect(codes).toEqual([])
  expect(prediction).toMatchObject({ basis: 'MODEL', isHindsight: false, score: null })
  expect(prediction.madeAt).toBe(NOON.toISOString())
  expect(prediction.model.name).toBe('match-outcome')
  const { probabilities, logits, contributions } = prediction
  for (const outcome of OUTCOMES) {
    const sum = contributions.reduce((all: number, one: never) => all + one[outcome], 0)
    expect(sum).toBeCloseTo(logits[outcome], 9)
  }
  const powers = OUTCOMES.map((outcome) => Math.exp(logits[outcome]))
  const total = powers.reduce((sum, power) => sum + power, 0)
  OUTCOMES.forEach((outcome, index) => {
    expect(probabilities[outcome]).toBeCloseTo((powers[index] ?? 0) / total, 9)
  })
})

test('a feed’s own names of clubs lead to the same teams', async () => {
  await using world = await openAi()
  const short = { home: 'Man United', away: 'Wolves' }
  const long = { home: 'Manchester United', away: 'Wolverhampton Wanderers' }
  const ids = [await world.play('short', short), await world.play('long', long)]
  const { all, codes } = await predictionsOf(world, ids)
  expect(codes).toEqual([])
  expect(all[1].probabilities).toEqual(all[0].probabilities)
})

test('known teams with prices are predicted by both', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN, USUAL)
  const [prediction] = (await predictionsOf(world, [id])).all
  expect(prediction.basis).toBe('BLEND')
  const names = prediction.contributions.map(({ feature }: { feature: string }) => feature)
  expect(names).toEqual(['level', 'elo', 'pi', 'goals', 'draw', 'market'])
})

test('a summary of the market stands in where no source prices the result itself', async () => {
  await using world = await openAi()
  const prices = {
    'match_result/home/0/market-average': 2100,
    'match_result/draw/0/market-average': 3400,
    'match_result/away/0/market-average': 3600,
  }
  const id = await world.play('one', KNOWN, prices)
  expect((await predictionsOf(world, [id])).all[0].basis).toBe('BLEND')
})

test('unknown teams are predicted by the market, without its margin', async () => {
  await using world = await openAi()
  const id = await world.play('one', UNKNOWN, USUAL)
  const [prediction] = (await predictionsOf(world, [id])).all
  expect(prediction.basis).toBe('MARKET')
  const { home, draw, away } = prediction.probabilities
  expect(home + draw + away).toBeCloseTo(1, 9)
  expect(home).toBeGreaterThan(1 / 2.1 - 0.03)
  expect(home).toBeLessThan(1 / 2.1)
  expect(prediction.contributions.map(({ feature }: never) => feature)).toEqual(['market'])
})

test('unknown teams that nobody prices answer TEAM_UNKNOWN, and the others stand', async () => {
  await using world = await openAi()
  const unknown = await world.play('one', UNKNOWN)
  const known = await world.play('two', KNOWN)
  const { all, codes, details } = await predictionsOf(world, [unknown, known])
  expect(codes).toEqual(['TEAM_UNKNOWN'])
  expect(details[0]).toMatchObject({ team: 'Ambermoor' })
  expect(all[0]).toBeNull()
  expect(all[1].basis).toBe('MODEL')
})

test('teams of two leagues have no common history: FIXTURE_WITHOUT_HISTORY', async () => {
  await using world = await openAi()
  const id = await world.play('one', { home: 'Arsenal', away: 'Barcelona' })
  expect((await predictionsOf(world, [id])).codes).toEqual(['FIXTURE_WITHOUT_HISTORY'])
})

test('a fixture that nobody knows has no prediction', async () => {
  await using world = await openAi()
  const { all, codes } = await predictionsOf(world, ['999', 'none'])
  expect({ all, codes }).toEqual({ all: [null, null], codes: [] })
})

test('refused: predictions without predictions:read, fixtures without fixtures:read', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN)
  const { all, codes } = await predictionsOf(world, [id], { who: 'spectator' })
  expect({ all, codes }).toEqual({ all: [null], codes: ['UNAUTHORIZED_FIELD_OR_TYPE'] })
  const refused = await predictionsOf(world, [id], { who: 'anonymous' })
  expect(refused.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const { data } = await world.ask('spectator', '{ predictions { edges { node { id } } } }')
  expect(data.predictions).toBeNull()
  expect(await world.database.acrossTenants().count(AiPrediction, {})).toBe(0)
})

test('a page of fixtures asks analytics once, a repeated one not at all', async () => {
  await using world = await openAi()
  const teams = ['Arsenal', 'Chelsea', 'Everton', 'Fulham', 'Liverpool', 'Tottenham']
  const ids = await Promise.all(
    teams.map((home, at) => world.play(home, { home, away: teams.at(at - 1) ?? '' })),
  )
  const first = await predictionsOf(world, ids)
  expect(first.all.every(Boolean)).toBe(true)
  expect(world.asked).toHaveLength(1)
  const again = await predictionsOf(world, ids)
  expect(again.all).toEqual(first.all)
  expect(world.asked).toHaveLength(1)
})

test('twenty who ask at once are shown one prediction, stored once', async () => {
  await using world = await openAi()
  await storedOnce(world)
})

test('five minutes later another one is made; after kick-off the last one is shown', async () => {
  await using world = await openAi()
  const id = await world.play('one', { ...KNOWN, inHours: 1 })
  const late = await world.play('two', { home: 'Everton', away: 'Fulham', inHours: 1 })
  const [first] = (await predictionsOf(world, [id])).all
  world.clock.advance(300_000)
  const [second] = (await predictionsOf(world, [id])).all
  expect(second.id).not.toBe(first.id)
  world.clock.advance(3_600_000)
  const { all, codes } = await predictionsOf(world, [id, late])
  expect({ all, codes }).toEqual({ all: [second, null], codes: [] })
})

test('all fair prices follow from one matrix that agrees with the prediction', async () => {
  await using world = await openAi()
  const id = await world.play('one', UNKNOWN, USUAL)
  const price = '{ line selection probability odds pushProbability }'
  const fields = `probabilities { home draw away } fairPrices { matchResult ${price}
    overUnder ${price} bothScore ${price} handicap ${price} drawNoBet ${price} correctScore ${price} }`
  const [{ probabilities, fairPrices }] = (await predictionsOf(world, [id], { fields })).all
  for (const { selection, probability } of fairPrices.matchResult) {
    expect(probability).toBeCloseTo(probabilities[selection], 9)
  }
  const over = fairPrices.overUnder.find(
    (one: { line: number; selection: string }) => one.line === 2500 && one.selection === 'over',
  )
  expect(over.odds).toBeGreaterThan(1950)
  expect(over.odds).toBeLessThan(2010)
  const counts = Object.values(fairPrices).map((prices) => (prices as unknown[]).length)
  expect(counts).toEqual([3, 50, 2, 50, 2, 37])
})

test('analytics that does not answer leaves the field null with a code, and the rest stands', async () => {
  await using world = await openAi()
  const known = await world.play('one', KNOWN)
  const [made] = (await predictionsOf(world, [known])).all
  const other = await world.play('two', { home: 'Everton', away: 'Fulham' })
  world.cutOff()
  const { all, codes } = await predictionsOf(world, [other, known])
  expect({ all, codes }).toEqual({ all: [null, made], codes: ['SERVICE_UNREACHABLE'] })
  const { data } = await world.ask('analyst', '{ aiModels { edges { node { isActive } } } }')
  expect(data.aiModels.edges).toEqual([{ node: { isActive: true } }])
})

test('an answer of analytics that cannot be understood is refused', async () => {
  await using world = await openAi({
    analyticsFetch: async () => Response.json({ data: { fixtures: { edges: [{ node: {} }] } } }),
  })
  expect((await predictionsOf(world, ['1'])).codes).toEqual(['SERVICE_ANSWER_INVALID'])
})

test('a replayed match is predicted with hindsight, and says so', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN, {}, { isReplayed: true })
  expect((await predictionsOf(world, [id])).all[0]).toMatchObject({ isHindsight: true })
})

test("the simulator's matches are predicted by its market", async () => {
  await using world = await openAi({
    oddsFeed: { kind: 'simulator', seed: 'seven', intervalSeconds: 1 },
  })
  await world.odds.start()
  const query = `query ($now: DateTime!) { fixtures(where: { startsAt: { gt: $now } }) {
    edges { node { id markets { consensus { sources } } } } } }`
  let ids: string[] = []
  await until(async () => {
    const { data } = await world.askAnalytics(ODDS_READER, query, { now: NOON })
    const nodes = data.fixtures.edges.map(({ node }: { node: Invented }) => node) as Invented[]
    ids = nodes
      .filter(({ markets }) => markets.some(({ consensus }) => consensus))
      .map(({ id }) => id)
    return ids.length >= 4
  })
  const { all, codes } = await predictionsOf(world, ids)
  expect(codes).toEqual([])
  for (const prediction of all) {
    expect(prediction).toMatchObject({ basis: 'MARKET', isSimulated: true })
  }
})

test('predictions are listed and counted', async () => {
  await using world = await openAi()
  const one = await world.play('one', KNOWN)
  const two = await world.play('two', UNKNOWN, USUAL)
  await predictionsOf(world, [one, two])
  const list = `{ predictions(where: { basis: { eq: MARKET } }) { edges { node {
    fixtureId basis fixture { id } model { version } } } }
    predictionAggregates(groupBy: [BASIS]) { count group } }`
  const { data, codes } = await world.ask('analyst', list)
  expect(codes).toEqual([])
  expect(data.predictions.edges).toHaveLength(1)
  expect(data.predictions.edges[0].node).toMatchObject({ fixtureId: two, fixture: { id: two } })
  const bases = data.predictionAggregates.map(
    (row: { group: { basis: string } }) => row.group.basis,
  )
  expect(bases.toSorted()).toEqual(['MARKET', 'MODEL'])
})

const GROUPS = `query ($where: PredictionWhere) {
  predictionAggregates(where: $where, groupBy: [MODEL_ID, BASIS, OUTCOME]) { group count } }`

test('what predictions are grouped by can be asked for again', async () => {
  await using world = await openAi()
  const scored = await world.play('scored', KNOWN)
  const open = await world.play('open', { home: 'Everton', away: 'Fulham' })
  await predictionsOf(world, [scored, open])
  await world.service.start()
  await world.deliver('analytics', resultOf(scored, { homeGoals: 1, awayGoals: 1 }))
  await untilScored(world)
  const all = (await world.ask('analyst', GROUPS)).data.predictionAggregates
  const group = { modelId: expect.stringMatching(/^\d+$/), basis: 'MODEL' }
  expect(all).toHaveLength(2)
  expect(all).toContainEqual({ group: { ...group, outcome: 'DRAW' }, count: 1 })
  expect(all).toContainEqual({ group: { ...group, outcome: null }, count: 1 })
  const drawn = all.find((row: (typeof all)[0]) => row.group.outcome !== null)
  const { modelId, basis, outcome } = drawn.group
  const where = { modelId: { eq: modelId }, basis: { eq: basis }, outcome: { eq: outcome } }
  const again = await world.ask('analyst', GROUPS, { where })
  expect(again).toMatchObject({ codes: [], data: { predictionAggregates: [drawn] } })
})

import { expect } from 'vitest'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { MatchResult } from '#subgraphs/ai/entities/match-result.ts'
import { type AiWorld, predictionsOf, resultOf, USUAL, until } from './ai-kit.ts'

/** Waits until every result that was delivered is scored. */
export const untilScored = ({ database }: AiWorld) =>
  until(
    async () => (await database.acrossTenants().count(MatchResult, { isScoringDue: true })) === 0,
  )

export const SCORED = `id basis probabilities { home draw away }
  score { outcome isHit logLoss rps brier isFinal goals { home away } }`

export const scoreOf = async (world: AiWorld, predictionId: string) => {
  const query = `query ($id: ID!) { predictions(where: { id: { eq: $id } }) {
    edges { node { ${SCORED} } } } }`
  const { data } = await world.ask('analyst', query, { id: predictionId })
  return data.predictions.edges[0].node
}

/** Known teams at 2:1, then corrected, out of order and twice: the largest version decides. */
export async function scoredByVersion(world: AiWorld): Promise<void> {
  await world.service.start()
  const id = await world.play('one', { home: 'Arsenal', away: 'Chelsea' })
  const [made] = (await predictionsOf(world, [id])).all
  const deliver = async (facts: object, kind?: string) => {
    expect(await world.deliver('analytics', resultOf(id, facts, kind))).toHaveLength(1)
    await untilScored(world)
    return (await scoreOf(world, made.id)).score
  }
  const first = await deliver({ resultVersion: 2 })
  expect(first).toMatchObject({ outcome: 'HOME', isFinal: true, goals: { home: 2, away: 1 } })
  expect(first.logLoss).toBeCloseTo(-Math.log(made.probabilities.home), 12)
  const late = await deliver({ resultVersion: 1, homeGoals: 0, awayGoals: 0 })
  expect(late).toEqual(first)
  const twice = await deliver({ resultVersion: 2 })
  expect(twice).toEqual(first)
  const corrected = await deliver({ resultVersion: 3, homeGoals: 1, awayGoals: 1 })
  expect(corrected).toMatchObject({ outcome: 'DRAW', isFinal: true })
  expect(corrected.logLoss).toBeCloseTo(-Math.log(made.probabilities.draw), 12)
  const { home, away, draw } = made.probabilities
  expect(corrected.brier).toBeCloseTo(home ** 2 + (draw - 1) ** 2 + away ** 2, 12)
  expect(corrected.rps).toBeCloseTo((home ** 2 + away ** 2) / 2, 12)
  const goals = { homeGoals: null, awayGoals: null }
  expect(await deliver({ resultVersion: 4, ...goals }, 'fixture.abandoned')).toBeNull()
  const row = await world.database.acrossTenants().findOneOrFail(AiPrediction, { id: made.id })
  expect(row).toMatchObject({ isFinal: false, resultVersion: 4, logLoss: null })
}

type Scored = {
  basis: string
  probabilities: Record<string, number>
  score: { outcome: string; logLoss: number; rps: number; brier: number; isHit: boolean }
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** A second calculation, from the list of predictions alone. */
function byHand(rows: readonly Scored[]) {
  const names = ['home', 'draw', 'away']
  const bins = new Map<number, number>()
  for (const { probabilities, score } of rows) {
    for (const name of names) {
      const stated = probabilities[name] ?? 0
      const bin = Math.min(Math.floor(stated * 10), 9)
      const happened = score.outcome === name.toUpperCase() ? 1 : 0
      bins.set(bin, (bins.get(bin) ?? 0) + stated - happened)
    }
  }
  const distances = [...bins.values()].map(Math.abs)
  return {
    n: rows.length,
    logLoss: mean(
      rows.map(({ probabilities, score }) => {
        return -Math.log(probabilities[score.outcome.toLowerCase()] ?? 0)
      }),
    ),
    brier: mean(
      rows.map(({ probabilities, score }) => {
        const off = names.map((name) => {
          return (probabilities[name] ?? 0) - (score.outcome === name.toUpperCase() ? 1 : 0)
        })
        return off.reduce((sum, one) => sum + one ** 2, 0)
      }),
    ),
    accuracy: mean(
      rows.map(({ probabilities, score }) => {
        const best = Math.max(...names.map((name) => probabilities[name] ?? 0))
        return probabilities[score.outcome.toLowerCase()] === best ? 1 : 0
      }),
    ),
    ece: distances.reduce((sum, one) => sum + one, 0) / (rows.length * 3),
  }
}

const TEAMS = ['Arsenal', 'Chelsea', 'Everton', 'Fulham', 'Liverpool', 'Tottenham', 'Brighton']
const CARD = `query ($id: ID!) { modelScorecard(modelId: $id) {
  all { n logLoss rps brier accuracy ece } byBasis { basis n logLoss brier accuracy ece }
  model { metric { name value } baseline { value } sampleSize } } }`

/** Predictions on two bases, scored; what the database counts is what a second calculation says. */
export async function scorecardByHand(world: AiWorld): Promise<void> {
  await world.service.start()
  const ids: string[] = []
  for (const [at, home] of TEAMS.entries()) {
    const game = { home, away: TEAMS.at(at - 1) ?? '' }
    ids.push(await world.play(home, game, at % 2 ? USUAL : {}))
  }
  await predictionsOf(world, ids)
  world.clock.advance(300_000)
  // The later ones count.
  await predictionsOf(world, ids)
  const results = ids.map((id, at) =>
    resultOf(id, { homeGoals: at % 3, awayGoals: at % 2, resultVersion: 1 }),
  )
  expect(await world.deliver('analytics', ...results)).toHaveLength(ids.length)
  await untilScored(world)
  const list = `{ predictions(where: { isFinal: { eq: true } }, first: 100) {
    edges { node { ${SCORED} } } } aiModels { edges { node { id } } } }`
  const { data } = await world.ask('analyst', list)
  const rows = data.predictions.edges.map(({ node }: { node: Scored }) => node) as Scored[]
  expect(rows).toHaveLength(ids.length)
  const modelId = data.aiModels.edges[0].node.id
  const { data: answer, codes } = await world.ask('analyst', CARD, { id: modelId })
  expect(codes).toEqual([])
  const { all, byBasis, model } = answer.modelScorecard
  expect(all).toMatchObject(closeTo(byHand(rows)))
  expect(byBasis.map(({ basis }: { basis: string }) => basis)).toEqual(['MODEL', 'BLEND'])
  for (const row of byBasis) {
    expect(row).toMatchObject(closeTo(byHand(rows.filter(({ basis }) => basis === row.basis))))
  }
  expect(model.metric.value).toBeLessThan(model.baseline.value)
}

const closeTo = (figures: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, expect.closeTo(value, 9)]),
  )

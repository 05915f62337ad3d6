import { expect, test } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { createLog } from '#kernel/log.ts'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { MatchResult } from '#subgraphs/ai/entities/match-result.ts'
import { createRetention } from '#subgraphs/ai/services/retention.ts'
import { openAi, predictionsOf, resultOf, USUAL, until } from './ai-kit.ts'
import { scorecardByHand, scoredByVersion, scoreOf, untilScored } from './scoring-suite.ts'

const KNOWN = { home: 'Arsenal', away: 'Chelsea' }
const REPLAYED = { isReplayed: true }
const INVENTED = { isSimulated: true }

test('predictions are scored by the newest version of a result, however it comes', async () => {
  await using world = await openAi()
  await scoredByVersion(world)
})

test('the scorecard is what a second calculation says', async () => {
  await using world = await openAi()
  await scorecardByHand(world)
})

test('a result that analytics takes in reaches the prediction', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN, USUAL)
  const [made] = (await predictionsOf(world, [id])).all
  await world.service.start()
  await world.odds.start()
  world.clock.advance(27 * 3_600_000)
  await world.finish('one', 0, 3)
  const results = () => world.database.acrossTenants().count(MatchResult, { fixtureId: id })
  while ((await results()) === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  await untilScored(world)
  const { score } = await scoreOf(world, made.id)
  expect(score).toMatchObject({ outcome: 'AWAY', goals: { home: 0, away: 3 }, isFinal: true })
})

test('of what analytics tells, only matches that were really played now are rated', async () => {
  await using world = await openAi()
  await world.service.start()
  await world.odds.start()
  const games = {
    real: await world.play('real', KNOWN),
    replayed: await world.play('replayed', { home: 'Everton', away: 'Fulham' }, {}, REPLAYED),
    invented: await world.play('invented', { home: 'Hull', away: 'Derby' }, {}, INVENTED),
  }
  world.clock.advance(27 * 3_600_000)
  await world.finish('real', 2, 1)
  await world.finish('replayed', 2, 1, REPLAYED)
  await world.finish('invented', 2, 1, INVENTED)
  await until(async () => (await world.database.acrossTenants().count(MatchResult, {})) === 3)
  const rows = await world.database.acrossTenants().find(MatchResult, { isRated: true })
  expect(rows.map(({ fixtureId }) => fixtureId)).toEqual([games.real])
})

test('a result of which nobody says whether it was replayed is not rated', async () => {
  await using world = await openAi()
  const { payload, ...delivery } = resultOf('101')
  const { isReplayed: _untold, ...rest } = payload
  await world.deliver('analytics', { ...delivery, payload: rest })
  await world.deliver('analytics', resultOf('102'))
  const rows = await world.database.acrossTenants().find(MatchResult, {})
  expect(rows.map(({ fixtureId, isRated }) => [fixtureId, isRated])).toEqual([
    ['101', false],
    ['102', true],
  ])
})

test('a fixture that cannot be scored keeps no other waiting, and is tried again', async () => {
  const lines: { msg: string; fixture?: string }[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  await using world = await openAi({ log: createLog({ level: 'warn', name: 'ai', destination }) })
  const broken = await world.play('broken', KNOWN)
  const sound = await world.play('sound', { home: 'Everton', away: 'Fulham' })
  const games = [broken, sound]
  const [spoilt, kept] = (await predictionsOf(world, games)).all
  const em = () => world.database.acrossTenants()
  const { predictionResult } = await em().findOneOrFail(AiPrediction, { id: spoilt.id })
  const store = (figures: object) =>
    updateWhere(em(), AiPrediction, {
      where: { id: spoilt.id },
      set: { predictionResult: figures as never },
    })
  await store({})
  await world.service.start()
  await world.deliver('analytics', resultOf(broken), resultOf(sound))
  await until(async () => (await em().count(MatchResult, { isScoringDue: false })) === 1)
  expect((await scoreOf(world, kept.id)).score).toMatchObject({ isFinal: true, outcome: 'HOME' })
  expect(lines).toMatchObject([{ msg: 'a fixture was not scored', fixture: broken }])
  await store(predictionResult)
  world.clock.advance(60_000)
  await untilScored(world)
  expect((await scoreOf(world, spoilt.id)).score).toMatchObject({ isFinal: true, outcome: 'HOME' })
})

test('ratings learn from results in the order of kick-offs, whatever order they come in', async () => {
  await using world = await openAi()
  const day = (days: number) =>
    new Date(Date.parse('2026-08-01T15:00:00Z') + days * 86_400_000).toISOString()
  const told = [
    { fixtureId: '101', away: 'Everton', homeGoals: 5, awayGoals: 0, startsAt: day(0) },
    { fixtureId: '102', away: 'Fulham FC', homeGoals: 4, awayGoals: 0, startsAt: day(5) },
    { fixtureId: '103', away: 'Brighton', homeGoals: 0, awayGoals: 1, startsAt: day(9) },
  ].map((facts) => resultOf(facts.fixtureId, facts))
  const homeChance = async () => {
    world.clock.advance(300_000)
    const { all, codes } = await predictionsOf(world, [id])
    expect(codes).toEqual([])
    return all[0].probabilities.home as number
  }
  const id = await world.play('one', KNOWN)
  const before = await homeChance()
  await world.deliver('analytics', ...told.slice(0, 2))
  expect(await homeChance()).toBeGreaterThan(before)
  await world.deliver('analytics', ...told.slice(2))
  const inOrder = await homeChance()
  await using other = await openAi()
  const same = await other.play('one', KNOWN)
  await other.deliver('analytics', ...told.toReversed())
  other.clock.advance(3 * 300_000)
  const [{ probabilities }] = (await predictionsOf(other, [same])).all
  expect(probabilities.home).toBeCloseTo(inOrder, 9)
})

test('invented matches teach the ratings nothing', async () => {
  await using world = await openAi()
  const id = await world.play('one', KNOWN)
  const [before] = (await predictionsOf(world, [id])).all
  const thrashing = { homeGoals: 9, startsAt: '2026-08-01T15:00:00.000Z', isSimulated: true }
  await world.deliver('analytics', resultOf('101', thrashing))
  world.clock.advance(300_000)
  const [after] = (await predictionsOf(world, [id])).all
  expect(after.probabilities).toEqual(before.probabilities)
})

test('what was made with hindsight stands in no scorecard', async () => {
  await using world = await openAi()
  await world.service.start()
  const id = await world.play('one', KNOWN, {}, { isReplayed: true })
  await predictionsOf(world, [id])
  await world.deliver('analytics', resultOf(id))
  await untilScored(world)
  const { data } = await world.ask('analyst', '{ modelScorecard(modelId: "1") { all { n } } }')
  expect(data.modelScorecard).toEqual({ all: null })
})

test('a model has a scorecard before its first result; one that nobody knows has none', async () => {
  await using world = await openAi()
  const query = (id: string) => `{ modelScorecard(modelId: "${id}") { all { n } byBasis { n }
    model { name } } }`
  const known = await world.ask('analyst', query('1'))
  expect(known).toMatchObject({ codes: [], data: { modelScorecard: { all: null, byBasis: [] } } })
  expect(known.data.modelScorecard.model).toEqual({ name: 'match-outcome' })
  for (const id of ['999', '0', '-1', '1.0', 'none', '', '9'.repeat(30)]) {
    const { data, codes } = await world.ask('analyst', query(id))
    expect({ id, data, codes }).toEqual({ id, data: { modelScorecard: null }, codes: [] })
  }
  const refused = await world.ask('spectator', query('999'))
  expect(refused.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('a delivery that says no result is refused: RESULT_DELIVERY_INVALID', async () => {
  await using world = await openAi()
  const refused = [{ homeGoals: null }, { fixtureId: 'one' }, { resultVersion: 0 }]
  for (const facts of refused) {
    expect(await world.deliver('analytics', resultOf('1', facts))).toEqual([])
  }
  expect(await world.database.acrossTenants().count(MatchResult, {})).toBe(0)
})

test('what was said of invented matches is forgotten after a week, of real ones never', async () => {
  await using world = await openAi()
  const real = await world.play('one', KNOWN)
  const clubs = { home: 'Ambermoor', away: 'Brackwater' }
  const invented = await world.play('two', clubs, USUAL, { isSimulated: true })
  await predictionsOf(world, [real, invented])
  await world.deliver('analytics', resultOf(real), resultOf(invented, { isSimulated: true }))
  const { database, clock } = world
  const run = async () => {
    const signal = new AbortController().signal
    await createRetention({ database, clock })['ai.forget']?.({ signal } as never)
    const em = database.acrossTenants()
    return [await em.count(AiPrediction, {}), await em.count(MatchResult, {})]
  }
  expect(await run()).toEqual([2, 2])
  clock.advance(7 * 86_400_000 + 1)
  expect(await run()).toEqual([1, 1])
  const [kept] = await database.acrossTenants().find(AiPrediction, {})
  expect(kept?.fixtureId).toBe(real)
})

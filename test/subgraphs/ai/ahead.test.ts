import { expect, test } from 'vitest'
import { createLog } from '#kernel/log.ts'
import { AiPrediction } from '#subgraphs/ai/entities/ai-prediction.ts'
import { COMMITTED_MODEL } from '#subgraphs/ai/services/model-source.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import {
  type AiOptions,
  type AiWorld,
  HOUR_MS,
  NOON,
  openAi,
  predictionsOf,
  USUAL,
  until,
} from './ai-kit.ts'

const KNOWN = { home: 'Arsenal', away: 'Chelsea' }
const UNKNOWN = { home: 'Ambermoor', away: 'Brackwater' }
const TEAMS = ['Arsenal', 'Chelsea', 'Everton', 'Fulham', 'Liverpool', 'Tottenham']

type Line = { msg: string; level: number; code?: string; fixture?: string }

/** A world that makes predictions before anybody asks, and what it logs. */
async function openAhead(options: AiOptions = {}) {
  const lines: Line[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = createLog({ level: 'info', name: 'ai', destination })
  const world = await openAi({ isAhead: true, log, ...options })
  return Object.assign(world, { lines })
}

const stored = ({ database }: AiWorld) =>
  database.acrossTenants().find(AiPrediction, {}, { orderBy: { id: 'asc' } })
const untilStored = (world: AiWorld, count: number) =>
  until(async () => (await stored(world)).length >= count)
/** Two looks more, each of which asks for the fixtures that are to come. */
async function twoLooksMore({ asked }: AiWorld) {
  const looks = () => asked.filter((body) => body.includes('UpcomingFixtures')).length
  const before = looks()
  await until(async () => looks() >= before + 3)
}

test('a fixture that becomes known is predicted before anybody asks, once', async () => {
  await using world = await openAhead()
  await world.service.start()
  const first = await world.play('one', KNOWN)
  await untilStored(world, 1)
  const second = await world.play('two', UNKNOWN, USUAL)
  await untilStored(world, 2)
  await twoLooksMore(world)
  const rows = await stored(world)
  expect(rows.map(({ fixtureId, basis, createdAt }) => ({ fixtureId, basis, createdAt }))).toEqual([
    { fixtureId: first, basis: 'model', createdAt: NOON },
    { fixtureId: second, basis: 'market', createdAt: NOON },
  ])
  const { all, codes } = await predictionsOf(world, [first, second])
  expect(codes).toEqual([])
  expect(all.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
})

test('one that was made ahead is still the last one when the fixture has begun', async () => {
  await using world = await openAhead()
  await world.service.start()
  const id = await world.play('one', { ...KNOWN, inHours: 1 })
  await untilStored(world, 1)
  world.clock.advance(3_700_000)
  const { all, codes } = await predictionsOf(world, [id])
  expect(codes).toEqual([])
  expect(all[0]).toMatchObject({ basis: 'MODEL', madeAt: NOON.toISOString() })
})

test('what was missed while ai was down is made after its start, of what is to come alone', async () => {
  await using world = await openAhead()
  await world.play('begun', { home: 'Everton', away: 'Fulham', inHours: -1 })
  const ids: string[] = []
  for (const [at, home] of TEAMS.entries()) {
    ids.push(await world.play(home, { home, away: TEAMS.at(at - 1) ?? '' }))
  }
  const [asked] = (await predictionsOf(world, ids.slice(0, 1))).all
  expect(await stored(world)).toHaveLength(1)
  await world.service.start()
  await untilStored(world, ids.length)
  await twoLooksMore(world)
  const rows = await stored(world)
  expect(rows.map(({ fixtureId }) => fixtureId).toSorted()).toEqual(ids.toSorted())
  expect(rows[0]?.id).toBe(asked.id)
})

test('more fixtures than one page and one batch hold are all predicted', async () => {
  await using world = await openAhead()
  const pairs = TEAMS.flatMap((home) =>
    TEAMS.filter((away) => away !== home).map((away) => ({ home, away })),
  )
  const games = Array.from({ length: 4 }, (_unused, season) =>
    pairs.map((pair, at) => ({ ...pair, inHours: 24 + season * 100 + at })),
  ).flat()
  for (const [at, game] of games.entries()) await world.play(`game-${at}`, game)
  await world.service.start()
  await untilStored(world, games.length)
  const rows = await stored(world)
  expect(new Set(rows.map(({ fixtureId }) => fixtureId)).size).toBe(games.length)
})

test('a fixture that nobody can judge is refused once in the log, and made when it is priced', async () => {
  await using world = await openAhead()
  await world.service.start()
  const unknown = await world.play('one', UNKNOWN)
  const known = await world.play('two', KNOWN)
  await untilStored(world, 1)
  const refusals = () => world.lines.filter(({ fixture }) => fixture === unknown)
  await until(async () => refusals().length > 0)
  world.clock.advance(15_000)
  await twoLooksMore(world)
  expect(refusals()).toMatchObject([
    { msg: 'a fixture has no prediction yet', code: 'TEAM_UNKNOWN', level: 30 },
  ])
  expect((await stored(world)).map(({ fixtureId }) => fixtureId)).toEqual([known])
  await world.play('one', UNKNOWN, USUAL)
  world.clock.advance(30_000)
  await untilStored(world, 2)
  expect((await stored(world)).at(-1)).toMatchObject({ fixtureId: unknown, basis: 'market' })
})

test('analytics that does not answer is told once with its code, and caught up with later', async () => {
  await using world = await openAhead()
  const id = await world.play('one', KNOWN)
  world.cutOff()
  await world.service.start()
  const told = (code: string) => world.lines.filter((line) => line.code === code)
  await until(async () => told('SERVICE_UNREACHABLE').length > 0)
  expect(await stored(world)).toEqual([])
  world.cutOff(false)
  await untilStored(world, 1)
  await until(async () => told('SERVICE_UNREACHABLE').length > 1)
  expect(told('SERVICE_UNREACHABLE')).toMatchObject([
    { msg: 'no predictions are made ahead', level: 40 },
    { msg: 'predictions are made ahead again', level: 30 },
  ])
  expect((await stored(world))[0]).toMatchObject({ fixtureId: id })
})

test('without an active model nothing is made, and all that is missing once there is one', async () => {
  await using world = await openAhead()
  const change = (verb: string) =>
    world.ask('operator', `mutation { ${verb}Model(input: { id: "1" }) { isActive } }`)
  expect((await change('retire')).codes).toEqual([])
  const id = await world.play('one', KNOWN)
  await world.service.start()
  await until(async () => world.lines.some(({ code }) => code === 'MODEL_UNAVAILABLE'))
  expect(await stored(world)).toEqual([])
  expect((await change('activate')).codes).toEqual([])
  await untilStored(world, 1)
  expect((await stored(world))[0]).toMatchObject({ fixtureId: id, modelId: '1' })
})

test('an altered model file makes none', async () => {
  const digest = '0'.repeat(64)
  await using world = await openAhead({ model: { ...COMMITTED_MODEL, digest } })
  await world.play('one', KNOWN)
  await world.service.start()
  await until(async () => world.lines.some(({ code }) => code === 'MODEL_UNAVAILABLE'))
  expect(await stored(world)).toEqual([])
})

test('a stop in the middle of it ends soon, logs no failure and keeps what was made', async () => {
  await using world = await openAhead()
  for (const [at, home] of [...TEAMS, ...TEAMS, ...TEAMS].entries()) {
    const away = TEAMS[(at + 1) % TEAMS.length] ?? ''
    await world.play(`game-${at}`, { home, away, inHours: 24 + at })
  }
  await world.service.start()
  await untilStored(world, 1)
  const begun = performance.now()
  await world.service.stop(1_000)
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect(world.lines.filter(({ level }) => level >= 40)).toEqual([])
})

const SECOND = 1_000
const factsAsked = ({ asked }: AiWorld) =>
  asked.filter((body) => body.includes('FixturesForForecasts'))

test('a fixture that cannot be predicted is tried again after 15 seconds, then ever later, up to 15 minutes', async () => {
  await using world = await openAhead()
  await world.play('one', UNKNOWN)
  await world.service.start()
  const tries = () => factsAsked(world).length
  await until(async () => tries() === 1)
  for (const [at, seconds] of [15, 30, 60, 120, 240, 480, 900, 900].entries()) {
    await twoLooksMore(world)
    world.clock.advance((seconds - 1) * SECOND)
    await twoLooksMore(world)
    expect({ seconds, tries: tries() }).toEqual({ seconds, tries: at + 1 })
    world.clock.advance(SECOND)
    await until(async () => tries() > at + 1)
  }
  expect(world.lines.filter(({ fixture }) => fixture !== undefined)).toHaveLength(1)
})

/** A world in which time passes with each look, and the fixtures that were tried, once for each try. */
async function openPassing(milliseconds: number) {
  const tried: string[] = []
  const world = await openAhead({
    analyticsFetch: async (request) => {
      const { query, variables } = await request.clone().json()
      if (query.includes('FixturesForForecasts')) tried.push(...variables.ids)
      const answer = await world.odds.fetch(request)
      // Here no token is under way that time could end.
      const isLook = query.includes('UpcomingFixtures') && variables.after === null
      if (isLook) world.clock.advance(milliseconds)
      return answer
    },
  })
  return Object.assign(world, { tried })
}

const DAYS_AHEAD = 300

/** Fixtures of teams that nobody knows. @returns their ids, the first of them first */
async function addUnknown({ odds }: AiWorld, count: number): Promise<string[]> {
  const em = odds.database.acrossTenants()
  const same = { feedRunId: null, competition: 'E0', season: null, away: 'Brackwater' }
  const facts = { timing: 'stated', isReplayed: false, isSimulated: false } as const
  const open = { status: 'scheduled', homeGoals: null, awayGoals: null, finishedAt: null } as const
  const times = { settlementDueAt: null, createdAt: NOON, updatedAt: NOON }
  for (let at = 0; at < count; at++) {
    const startsAt = new Date(NOON.getTime() + DAYS_AHEAD * 24 * HOUR_MS + at)
    const own = { source: 'test', externalId: `unknown-${at}`, home: `Ambermoor ${at}`, startsAt }
    em.persist(em.create(Fixture, { ...same, ...facts, ...open, ...times, ...own }))
  }
  await em.flush()
  const all = await odds.database
    .acrossTenants()
    .find(Fixture, {}, { orderBy: { startsAt: 'asc' } })
  return all.map(({ id }) => id)
}

test('more fixtures that cannot be predicted than a look tries keep none waiting that comes after them', async () => {
  await using world = await openPassing(15 * SECOND)
  await addUnknown(world, 1_100)
  const id = await world.play('last', { ...KNOWN, inHours: (DAYS_AHEAD + 1) * 24 })
  await world.service.start()
  await untilStored(world, 1)
  expect((await stored(world)).map(({ fixtureId }) => fixtureId)).toEqual([id])
}, 120_000)

test('of more than a look tries, all due again, each has its turn', async () => {
  await using world = await openPassing(900 * SECOND)
  const ids = await addUnknown(world, 600)
  await world.service.start()
  const isTriedAgain = () => {
    const tries = Map.groupBy(world.tried, (id) => id)
    return ids.every((id) => (tries.get(id)?.length ?? 0) >= 3)
  }
  await until(async () => isTriedAgain())
  expect(await stored(world)).toEqual([])
}, 120_000)

const refusal = (code: string) => () => Response.json({ errors: [{ extensions: { code } }] })
test.each([
  ['SERVICE_TIMEOUT', refusal('SERVICE_TIMEOUT')],
  ['SERVICE_UNREACHABLE', refusal('SERVICE_UNREACHABLE')],
  ['SERVICE_ANSWER_INVALID', () => Response.json({ data: { fixtures: 'none' } })],
])(
  'a fixture that analytics always answers with %s for keeps no other waiting',
  async (code, fail) => {
    const broken = { id: '' }
    const world = await openAhead({
      analyticsFetch: async (request) => {
        const body = await request.clone().text()
        const isBroken = body.includes('FixturesForForecasts') && body.includes(`"${broken.id}"`)
        return isBroken ? fail() : world.odds.fetch(request)
      },
    })
    await using _world = world
    const ids: string[] = []
    for (const [at, home] of [...TEAMS, ...TEAMS].entries()) {
      const away = TEAMS.at((at + (at < TEAMS.length ? 1 : 2)) % TEAMS.length) ?? ''
      ids.push(await world.play(`game-${at}`, { home, away, inHours: 24 + at }))
    }
    broken.id = ids[0] ?? ''
    await world.service.start()
    const made = async () => (await stored(world)).map(({ fixtureId }) => fixtureId)
    await until(async () => (await made()).length === 2)
    expect(await made()).toEqual(ids.slice(10))
    expect(world.lines.some((line) => line.code === code)).toBe(true)
    // Those that were asked for together are asked for one by one.
    world.clock.advance(15 * SECOND)
    await until(async () => (await made()).length === 11)
    expect((await made()).toSorted()).toEqual(ids.slice(1).toSorted())
    broken.id = 'none'
    world.clock.advance(HOUR_MS / 4)
    await until(async () => (await made()).length === 12)
    expect(world.lines.filter((line) => line.msg === 'a round failed')).toEqual([])
  },
)

import { afterEach, describe, expect, test } from 'vitest'
import type { Explanation } from '#gateway/explaining/explain-operation.ts'
import { explainedRights } from '#gateway/explaining/explained-rights.ts'
import type { SettingsOverride } from '#gateway/settings.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  type Answer,
  type AskInit,
  type PlatformWorld,
  startPlatformWorld,
  until,
} from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import { demandWorld } from '../demand/demand-world.ts'
import {
  anonymous,
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  viewerWith,
} from '../engine/federated-world.ts'
import { withoutRulesOnAnimal, zoo } from './zoo.ts'

const EXPLAIN: AskInit = { extensions: { explain: true } }
const explained = ({ body }: Answer) => body.extensions?.explain as Explanation

describe('rights of an operation', () => {
  const open = () =>
    loadWorld(federatedWorld(zoo, withoutRulesOnAnimal), {
      enforcer: { policies: { director: () => false, planner: () => true } },
    })

  async function rightsOf(
    loaded: Loaded,
    query: string,
    asker: { viewer: Viewer; isTold?: boolean },
  ) {
    const { viewer, isTold = true } = asker
    const granted = await loaded.policiesFor(operationOf(query), viewer)
    const operation = loaded.authorise(operationOf(query), viewer, granted)
    return { ...explainedRights({ loaded, operation, viewer, granted, isTold }), operation }
  }

  test('stand once for each field and type, with all places and all that is needed', async () => {
    const query = `{
      me { name mail: email salary }
      keepers { email shifts { notes } }
      animals { name }
      pets { ... on Cat { purr } }
      plan mood __typename
    }`
    const { rights, isWhole } = await rightsOf(await open(), query, {
      viewer: viewerWith('all:read'),
    })
    expect(isWhole).toBe(true)
    expect(rights.map(({ coordinate, paths, isHeld }) => [coordinate, isHeld, ...paths])).toEqual([
      ['Cat', false, 'animals', 'pets.@.... on Cat'],
      ['Shift.notes', true, 'keepers.@.shifts.@.notes'],
      ['Keeper.email', true, 'me.mail', 'keepers.@.email'],
      ['Keeper.salary', false, 'me.salary'],
      ['Mood', true, 'mood'],
      ['Query.plan', false, 'plan'],
    ])
    expect(rights.flatMap(({ needs }) => needs)).toEqual([
      { authenticated: false, scopes: [['cats:read']], policies: [] },
      { authenticated: true, scopes: [], policies: [] },
      { authenticated: false, scopes: [['email:read', 'people:read'], ['all:read']], policies: [] },
      { authenticated: false, scopes: [['money:read']], policies: [] },
      { authenticated: true, scopes: [], policies: [] },
      { authenticated: false, scopes: [], policies: [['director'], ['planner', 'day-shift']] },
    ])
  })

  const QUERIES = [
    '{ me { name email } open }',
    '{ me { salary } mood secret }',
    '{ animals { name } }',
    '{ animals { __typename ... on Dog { bark } ... on Cat { purr } } }',
    '{ pets { ...Both } } fragment Both on Animal { id chip }',
    'mutation { fire(id: "1") { id email } }',
    'subscription { fed { shifts { notes stand { salary } } } }',
    '{ plan maybe(on: true) __schema { queryType { name } } }',
  ]
  const VIEWERS = [
    anonymous,
    viewerWith(),
    viewerWith('all:read', 'cats:read'),
    viewerWith('email:read', 'money:read', 'ids:read'),
    viewerWith('email:read', 'people:read', 'money:read', 'ids:read', 'cats:read', 'maybe:read'),
    viewerWith('keepers:write', 'ids:read', 'all:read', 'cats:read'),
  ]
  test.each(QUERIES)('are all held exactly where nothing is refused: %s', async (query) => {
    const loaded = await open()
    for (const viewer of VIEWERS)
      for (const isTold of [true, false]) {
        const { rights, operation } = await rightsOf(loaded, query, { viewer, isTold })
        const isAllowed = operation.removedPaths.length === 0
        expect(rights.every(({ isHeld }) => isHeld)).toBe(isAllowed)
      }
  })

  test('where they are hidden, what is not held is a place that its asker wrote', async () => {
    const query = '{ me { name mail: email salary } animals { name } plan mood }'
    const viewer = viewerWith('all:read', 'money:read')
    const { rights } = await rightsOf(await open(), query, { viewer, isTold: false })
    expect(rights).toEqual([
      { paths: ['animals'], isHeld: false },
      {
        ...{ coordinate: 'Keeper.email', paths: ['me.mail'], isHeld: true },
        // One of two ways to hold it: the other is not told.
        needs: { authenticated: false, scopes: [['all:read']], policies: [] },
      },
      {
        ...{ coordinate: 'Keeper.salary', paths: ['me.salary'], isHeld: true },
        needs: { authenticated: false, scopes: [['money:read']], policies: [] },
      },
      {
        ...{ coordinate: 'Mood', paths: ['mood'], isHeld: true },
        needs: { authenticated: true, scopes: [], policies: [] },
      },
      { paths: ['plan'], isHeld: false },
    ])
  })

  test('are cut where there are many, and that is told', async () => {
    const many = Array.from({ length: 11 }, (_, index) => `a${index}: secret`).join(' ')
    const loaded = await open()
    const told = await rightsOf(loaded, `{ ${many} }`, { viewer: anonymous })
    expect(told).toMatchObject({ isWhole: false, rights: [{ coordinate: 'Query.secret' }] })
    expect(told.rights[0]?.paths).toHaveLength(10)
    const ten = await rightsOf(loaded, `{ ${many.slice('a0: secret '.length)} }`, {
      viewer: anonymous,
    })
    expect(ten.isWhole).toBe(true)
    const places = Array.from({ length: 201 }, (_, index) => `a${index}: secret`).join(' ')
    const hidden = { viewer: anonymous, isTold: false }
    const cut = await rightsOf(loaded, `{ ${places} }`, hidden)
    expect([cut.isWhole, cut.rights.length]).toEqual([false, 200])
    const whole = await rightsOf(loaded, `{ ${places.slice('a0: secret '.length)} }`, hidden)
    expect([whole.isWhole, whole.rights.length]).toEqual([true, 200])
  })

  test.each([true, false])('are not told by keys without end (told: %s)', async (isTold) => {
    const fields = Array.from({ length: 9 }, (_, index) => `${'k'.repeat(30_000)}${index}: secret`)
    const query = `{ ${fields.join(' ')} }`
    const { rights, isWhole } = await rightsOf(await open(), query, { viewer: anonymous, isTold })
    expect(isWhole).toBe(false)
    expect(JSON.stringify(rights).length).toBeLessThan(110_000)
  })
})

describe('as the gateway is set', () => {
  let world: PlatformWorld
  async function start(settings: SettingsOverride) {
    world = await startPlatformWorld({ subgraphs: readersAndBooks().sources, settings })
    await until(() => world.identity.asked.get('/revocations') === 1)
  }
  afterEach(() => world[Symbol.asyncDispose]())
  const asked = () => Object.values(world.subgraphs).flatMap(({ seen }) => seen).length
  const QUERY = '{ me { name } secret mine }'
  const BARE = [
    { paths: ['mine'], isHeld: false },
    { paths: ['secret'], isHeld: false },
  ]

  test.each([
    ['refusals are not told', { access: { refusals: 'disabled' } }],
    ['the schema is closed', { introspection: false }],
    ['the schema is shown by rights', { access: { introspectionByRights: true } }],
  ] as const)('where %s nothing is told of what is not held', async (_case, settings) => {
    await start(settings)
    const nobody = await world.ask(QUERY, EXPLAIN)
    expect([explained(nobody).isAllowed, explained(nobody).rights]).toEqual([false, BARE])
    expect(JSON.stringify(nobody.body)).not.toMatch(/users:read|Query\.|scopes|policies/)
    const token = await world.identity.mint({ claims: { scope: 'users:read' } })
    const known = explained(await world.ask(QUERY, { ...EXPLAIN, token }))
    expect(known.isAllowed).toBe(true)
    expect(known.rights.map(({ coordinate }) => coordinate)).toEqual(['Query.mine', 'Query.secret'])
    const wrong = { ...EXPLAIN, variables: { on: 'x' } }
    const { body } = await world.ask('query ($on: Boolean!) { me { name @skip(if: $on) } }', wrong)
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(asked()).toBe(0)
  })

  test('… and elsewhere all of it is', async () => {
    await start({ access: { refusals: 'extensions' } })
    expect(explained(await world.ask(QUERY, EXPLAIN)).rights).toEqual([
      {
        ...{ coordinate: 'Query.mine', paths: ['mine'], isHeld: false },
        needs: { authenticated: true, scopes: [], policies: [] },
      },
      {
        ...{ coordinate: 'Query.secret', paths: ['secret'], isHeld: false },
        needs: { authenticated: false, scopes: [['users:read']], policies: [] },
      },
    ])
  })

  test('what is refused as a whole would ask nobody', async () => {
    await start({ access: { mode: 'reject' } })
    const answer = await world.ask(QUERY, EXPLAIN)
    expect([answer.status, answer.body.errors]).toEqual([200, undefined])
    expect(explained(answer)).toMatchObject({ isAllowed: false, subgraphs: [] })
    const allowed = explained(await world.ask('{ me { name } }', EXPLAIN))
    expect(allowed).toMatchObject({ isAllowed: true, subgraphs: ['readers'] })
  })

  test('a dry run refuses nothing and tells nobody what it would refuse', async () => {
    await start({ access: { mode: 'dry-run' } })
    const told = explained(await world.ask(QUERY, EXPLAIN))
    expect(told).toMatchObject({ isAllowed: true, rights: [], isWhole: true })
    const reports = () => world.logged.filter((line) => line.includes('would have refused')).length
    expect(reports()).toBe(0)
    await world.ask(QUERY)
    expect(reports()).toBe(1)
  })

  test('where nothing is counted there is no cost', async () => {
    await start({ demand: { mode: 'off' } })
    expect(explained(await world.ask(QUERY, EXPLAIN))).toMatchObject({
      ...{ cost: null, subgraphs: ['readers'] },
    })
  })
})

describe('cost', () => {
  test('beyond a bound is told and not refused', async () => {
    await using world = await demandWorld({ maxCost: 50, maxSubgraphCost: 40 })
    const costOf = async (first: number) =>
      explained(await world.ask(`{ shelf(first: ${first}) { name } }`, EXPLAIN)).cost
    expect(await costOf(40)).toMatchObject({ requested: 40, most: 50, isWithinBounds: true })
    expect(await costOf(41)).toMatchObject({ requested: 41, most: 50, isWithinBounds: false })
    expect(await costOf(51)).toMatchObject({ requested: 51, most: 50, isWithinBounds: false })
    const unsliced = await world.ask('{ shelf { name } }', EXPLAIN)
    expect(unsliced.body.errors?.[0]?.extensions.code).toBe('COST_INVALID_SLICING_ARGUMENTS')
    expect(world.subgraphs.shop?.seen).toEqual([])
  })

  test('is not spent; the explanation has a small price, and who cannot pay it is refused', async () => {
    const budgets = { anonymous: { most: 60, perSecond: 0.001 } }
    await using world = await demandWorld({ budgets })
    const explain = () => world.ask('{ shelf(first: 45) { name } }', EXPLAIN)
    expect(explained(await explain()).cost).toMatchObject({ remaining: 50, isWithinBounds: true })
    expect(explained(await explain()).cost).toMatchObject({ remaining: 40, isWithinBounds: true })
    expect(explained(await explain()).cost).toMatchObject({ remaining: 30, isWithinBounds: false })
    const refused = await world.ask('{ shelf(first: 45) { name } }')
    expect([refused.status, refused.body.errors?.[0]?.extensions.code]).toEqual([
      429,
      'BUDGET_EXHAUSTED',
    ])
    for (const remaining of [20, 10, 0]) {
      expect(explained(await explain()).cost?.remaining).toBe(remaining)
    }
    const spent = await explain()
    expect([spent.status, spent.body.errors?.[0]?.extensions.code]).toEqual([
      429,
      'BUDGET_EXHAUSTED',
    ])
    expect(spent.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(world.subgraphs.shop?.seen).toEqual([])
  })

  test('of signing in is told of its own budget, and not paid from it', async () => {
    const budgets = {
      anonymous: { most: 100, perSecond: 0.001 },
      signIn: { most: 30, perSecond: 0.001 },
    }
    await using world = await demandWorld({ budgets })
    const signIn = 'mutation { signIn(name: "Ada") { name } }'
    for (const _time of [1, 2])
      expect(explained(await world.ask(signIn, EXPLAIN)).cost?.remaining).toBe(30)
    expect(explained(await world.ask('{ me { name } }', EXPLAIN)).cost?.remaining).toBe(70)
    const { body } = await world.ask(signIn)
    expect(body.data).toEqual({ signIn: { name: 'in' } })
    expect(explained(await world.ask(signIn, EXPLAIN)).cost?.remaining).toBeLessThan(30)
  })
})

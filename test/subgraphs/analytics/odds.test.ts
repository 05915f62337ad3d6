import { expect, test } from 'vitest'
import { SIMULATED_SOURCES } from '#subgraphs/analytics/services/feeds/simulator-model.ts'
import { countQueries, openAnalytics, seasonFeed, seasonFile } from './analytics-kit.ts'
import { temporaryFile } from './feeds/feeds-kit.ts'

const DERBY = {
  home: 'Arsenal',
  away: 'Tottenham',
  ...{ open_h: 1.8, open_d: 3.6, open_a: 4.5, close_h: 1.7, close_d: 3.6, close_a: 5 },
  ...{ pin_close_h: 1.75, pin_close_d: 3.8, pin_close_a: 5.2, max_close_h: 1.8 },
  ...{ fthg: 2, ftag: 1 },
}

const FIXTURE = `{ fixtures { edges { node {
  competition season home away timing isReplayed isSimulated status score { home away }
  markets { type line
    selections { name bestBack { odds source } bestLay { odds }
      movements { source openingOdds currentOdds changeThousandths direction changes } }
    books { source isAggregate odds overround }
    consensus { method sources meanOverround probabilities { selection { name } probability fairOdds } }
  } } } } }`

test('a replayed fixture shows its markets, best prices, movements and consensus', async () => {
  await using file = await temporaryFile(seasonFile([DERBY]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const { data, codes } = await world.ask('operator', FIXTURE)
  expect(codes).toEqual([])
  const { markets, ...fixture } = data.fixtures.edges[0].node
  expect(fixture).toMatchInlineSnapshot(`
    {
      "away": "Tottenham",
      "competition": "E0",
      "home": "Arsenal",
      "isReplayed": true,
      "isSimulated": false,
      "score": {
        "away": 1,
        "home": 2,
      },
      "season": "2023-24",
      "status": "FINISHED",
      "timing": "ASSUMED",
    }
  `)
  const [result] = markets
  expect(result.selections[0]).toMatchInlineSnapshot(`
    {
      "bestBack": {
        "odds": 1750,
        "source": "pinnacle",
      },
      "bestLay": null,
      "movements": [
        {
          "changeThousandths": -100,
          "changes": 1,
          "currentOdds": 1700,
          "direction": "SHORTENED",
          "openingOdds": 1800,
          "source": "market-average",
        },
        {
          "changeThousandths": 0,
          "changes": 0,
          "currentOdds": 1800,
          "direction": "UNCHANGED",
          "openingOdds": 1800,
          "source": "market-maximum",
        },
        {
          "changeThousandths": 0,
          "changes": 0,
          "currentOdds": 1750,
          "direction": "UNCHANGED",
          "openingOdds": 1750,
          "source": "pinnacle",
        },
      ],
      "name": "HOME",
    }
  `)
  expect(
    result.books.map(({ source, isAggregate, odds }: never) => [source, isAggregate, odds]),
  ).toMatchInlineSnapshot(`
    [
      [
        "market-average",
        true,
        [
          1700,
          3600,
          5000,
        ],
      ],
      [
        "pinnacle",
        false,
        [
          1750,
          3800,
          5200,
        ],
      ],
    ]
  `)
  expect(result.consensus.sources).toBe(1)
  const total = result.consensus.probabilities.reduce(
    (sum: number, { probability }: { probability: number }) => sum + probability,
    0,
  )
  expect(total).toBeCloseTo(1, 9)
})

test('where only averages quote, best price and consensus are null and movements are shown', async () => {
  const { pin_close_h: _h, pin_close_d: _d, pin_close_a: _a, ...averages } = DERBY
  await using file = await temporaryFile(seasonFile([averages]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const { data } = await world.ask('operator', FIXTURE)
  const [market] = data.fixtures.edges[0].node.markets
  expect(market.consensus).toBeNull()
  expect(market.selections[0].bestBack).toBeNull()
  expect(market.selections[0].movements[0].source).toBe('market-average')
})

test('only changes of a price are stored, and counted by source', async () => {
  await using file = await temporaryFile(seasonFile([DERBY]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const { data } = await world.ask(
    'operator',
    `{ quoteAggregates(groupBy: [SOURCE]) { group count }
       feeds { events quotes changes rejected position isSimulated lastErrorCode }
       oddsQuotes(where: { source: { eq: "market-average" }, odds: { eq: 3600 } }) {
         edges { node { odds previousOdds } } } }`,
  )
  expect(data.quoteAggregates).toEqual([
    { group: { source: 'market-average' }, count: 5 },
    { group: { source: 'pinnacle' }, count: 3 },
    { group: { source: 'market-maximum' }, count: 1 },
  ])
  expect(data.feeds[0]).toMatchObject({ quotes: '10', changes: '9', rejected: '0' })
  // The draw opened at 3.60 and closed there: one row.
  expect(data.oddsQuotes.edges).toEqual([{ node: { odds: 3600, previousOdds: null } }])
})

const COUNTS = `query ($fixtures: FixtureWhere, $quotes: OddsQuoteWhere) {
  fixtureAggregates(where: $fixtures, groupBy: [COMPETITION, SEASON, SOURCE, STATUS, TIMING]) {
    group count }
  quoteAggregates(where: $quotes, groupBy: [SOURCE, SIDE, SELECTION_ID]) { group count } }`

type Row = { group: Record<string, string>; count: number }

const toWhere = ({ group }: Row) =>
  Object.fromEntries(Object.entries(group).map(([name, value]) => [name, { eq: value }]))

test('what fixtures and prices are grouped by can be asked for again', async () => {
  await using file = await temporaryFile(seasonFile([DERBY]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const { fixtureAggregates, quoteAggregates } = (await world.ask('operator', COUNTS)).data
  const played = { competition: 'E0', season: '2023-24', status: 'FINISHED', timing: 'ASSUMED' }
  expect(fixtureAggregates).toEqual([
    { group: { ...played, source: expect.any(String) }, count: 1 },
  ])
  const lowest = quoteAggregates.find(({ group }: Row) => group.source === 'pinnacle')
  expect(lowest.group).toMatchObject({ side: 'BACK', selectionId: expect.any(String) })
  const where = { fixtures: toWhere(fixtureAggregates[0]), quotes: toWhere(lowest) }
  const again = await world.ask('operator', COUNTS, where)
  expect(again).toMatchObject({ codes: [], data: { fixtureAggregates, quoteAggregates: [lowest] } })
  const other = { fixtures: { timing: { eq: 'STATED' } }, quotes: { side: { eq: 'LAY' } } }
  const none = await world.ask('operator', COUNTS, other)
  expect(none).toMatchObject({ codes: [], data: { fixtureAggregates: [], quoteAggregates: [] } })
})

test('odds of 0 are refused by line, shown by the feed, and the other rows are kept', async () => {
  const rows = [DERBY, { ...DERBY, home: 'Everton', away: 'Fulham', open_h: 0 }]
  await using file = await temporaryFile(seasonFile(rows))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const { data } = await world.ask(
    'operator',
    '{ feeds { rejected rejections { edges { node { code line reason } } } } fixtures { edges { node { home } } } }',
  )
  expect(data.feeds).toEqual([
    {
      rejected: '1',
      rejections: { edges: [{ node: { code: 'FEED_ROW_INVALID', line: 3, reason: 'open_h' } }] },
    },
  ])
  expect(data.fixtures.edges).toEqual([{ node: { home: 'Arsenal' } }])
})

test('who may read fixtures but no odds gets the fixtures, and null with a code for prices', async () => {
  await using file = await temporaryFile(seasonFile([DERBY]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const query = '{ fixtures { edges { node { home markets { consensus { sources } } } } } }'
  const seen = await world.ask('spectator', query)
  expect(seen.data.fixtures.edges[0].node).toEqual({
    home: 'Arsenal',
    markets: [{ consensus: null }],
  })
  expect(seen.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const refused = await world.ask('anonymous', query)
  expect(refused).toMatchObject({ data: { fixtures: null }, codes: ['UNAUTHORIZED_FIELD_OR_TYPE'] })
})

test('an entity asks for access of its own, without a root field', async () => {
  await using file = await temporaryFile(seasonFile([DERBY]))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Fixture { home } } }`
  const variables = { representations: [{ __typename: 'Fixture', id: '1' }] }
  const allowed = await world.ask('spectator', query, variables)
  expect(allowed.data).toEqual({ _entities: [{ home: 'Arsenal' }] })
  const refused = await world.ask('anonymous', query, variables)
  expect(refused.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('fifty fixtures with all their prices cost as many queries as one', async () => {
  const rows = Array.from({ length: 60 }, (_unused, index) => ({
    ...DERBY,
    home: `Home ${index}`,
    away: `Away ${index}`,
  }))
  await using file = await temporaryFile(seasonFile(rows))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const ask = (first: number) =>
    countQueries(world.database, async () => {
      const { data } = await world.ask(
        'operator',
        FIXTURE.replace('fixtures', `fixtures(first: ${first})`),
      )
      expect(data.fixtures.edges).toHaveLength(first)
    })
  const one = await ask(1)
  expect(await ask(50)).toBe(one)
  expect(one).toBeLessThanOrEqual(6)
})

test('pages of fixtures in either order hold each of them once', async () => {
  const rows = Array.from({ length: 17 }, (_unused, index) => ({
    ...DERBY,
    date: `2024-02-${10 + (index % 3)}`,
    home: `Home ${index}`,
  }))
  await using file = await temporaryFile(seasonFile(rows))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const query = `query ($direction: OrderDirection!, $after: String) {
    fixtures(first: 5, after: $after, orderBy: [{ field: STARTS_AT, direction: $direction }]) {
      edges { node { home startsAt } } pageInfo { hasNextPage endCursor } } }`
  const read = async (direction: string) => {
    const seen: { home: string; startsAt: string }[] = []
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await world.ask('operator', query, { direction, after })
      seen.push(...data.fixtures.edges.map(({ node }: never) => node))
      after = data.fixtures.pageInfo.endCursor
      more = data.fixtures.pageInfo.hasNextPage
    }
    return seen
  }
  const [forward, backward] = [await read('ASC'), await read('DESC')]
  expect(new Set(forward.map(({ home }) => home)).size).toBe(17)
  expect(new Set(backward.map(({ home }) => home)).size).toBe(17)
  const times = forward.map(({ startsAt }) => startsAt)
  expect(times).toEqual(times.toSorted())
})

test('the simulator names itself and prices both sides', async () => {
  const oddsFeed = { kind: 'simulator', seed: 'test', intervalSeconds: 1 } as const
  await using world = await openAnalytics({ oddsFeed })
  await world.service.start()
  await expect
    .poll(async () => (await world.ask('operator', FIXTURE)).data.fixtures.edges.length)
    .toBe(8)
  const { data } = await world.ask('operator', FIXTURE)
  const { isSimulated, markets } = data.fixtures.edges[0].node
  expect(isSimulated).toBe(true)
  expect(markets[0].consensus.sources).toBe(SIMULATED_SOURCES.length)
  expect(markets[0].selections[0].bestLay.odds).toBeGreaterThan(1000)
})

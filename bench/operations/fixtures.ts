import { GUILD, TENANT } from '../bets-players.ts'
import { act, idOf, type Made, type Maker, type Makers, nodesOf, see } from './maker.ts'
import { createStock } from './stock.ts'
import { createRound, type World } from './world.ts'

const REASON = 'A benchmark.'
const DAY_MS = 86_400_000

/** A game passes from one stock to the next: without result, with one, abandoned, open again. */
function resultMakers({ operator, serial, repeat }: World, games: readonly string[]): Makers {
  const begun = [...games]
  const finished = createStock<string>('finished games', (count) =>
    repeat('correctResult', correctResult, count),
  )
  const abandoned = createStock<string>('abandoned games', (count) =>
    repeat('abandonFixture', abandonFixture, count),
  )
  const correctResult: Maker = {
    ask: () => {
      const fixtureId = begun.pop()
      if (fixtureId === undefined) throw new Error('there are no games without a result left')
      const score = { home: serial() % 5, away: serial() % 4 }
      return act(operator, { fixtureId, ...score, reason: REASON }, () => finished.put(fixtureId))
    },
  }
  const abandonFixture: Maker = {
    prepare: finished.fill,
    ask: () => {
      const fixtureId = finished.take()
      return act(operator, { fixtureId, reason: REASON }, () => abandoned.put(fixtureId))
    },
  }
  return {
    correctResult,
    abandonFixture,
    reopenFixture: {
      prepare: abandoned.fill,
      ask: () => {
        const startsAt = new Date(Date.now() + DAY_MS).toISOString()
        return act(operator, { fixtureId: abandoned.take(), startsAt, reason: REASON })
      },
    },
  }
}

function followMakers({ operator, serial, repeat }: World): Makers {
  type Follow = { competition: string; tenantId: string; guildId: string }
  const follows = createStock<Follow>('follows', (count) =>
    repeat('followCompetition', followCompetition, count),
  )
  const followCompetition: Maker = {
    ask: () => {
      const follow = { competition: `League ${serial()}`, tenantId: TENANT, guildId: GUILD }
      return act(operator, follow, () => follows.put(follow))
    },
  }
  return {
    followCompetition,
    unfollowCompetition: { prepare: follows.fill, ask: () => act(operator, follows.take()) },
  }
}

/** The feed that has told all it had: pausing it keeps nobody waiting. */
function feedMakers({ operator, ask }: World): Makers {
  const feeds = createStock<string>('finished feeds', async () => {
    // A plain list, without a connection around it.
    const keep = (found: Made) => {
      const ended = (found as unknown as Made[]).filter(({ isSimulated }) => isSimulated === false)
      feeds.putAll(ended.map(idOf))
    }
    await ask('feeds', { ...see(operator), keep })
  })
  const prepare = () => feeds.fill(1)
  const change = () => act(operator, { feedId: feeds.all[0] })
  return {
    feeds: { ask: () => see(operator) },
    pauseFeed: {
      prepare,
      ask: () => ({ ...change(), before: { root: 'resumeFeed', ...change() } }),
    },
    resumeFeed: {
      prepare,
      ask: () => ({ ...change(), before: { root: 'pauseFeed', ...change() } }),
    },
  }
}

function boardMakers({ players, ask }: World): Makers {
  const player = createRound(players)
  const open = { status: { eq: 'SCHEDULED' } }
  const fixtures = createStock<string>('fixtures', async () => {
    const keep = (found: Made) => fixtures.putAll(nodesOf(found).map(idOf))
    await ask('fixtures', {
      ...see(player(), { where: { ...open, isSimulated: { eq: true } } }),
      keep,
    })
  })
  const markets = 'markets { id type line selections { id name bestBack { odds source } } }'
  const select = `id home away startsAt status ${markets}`
  return {
    fixture: {
      select,
      prepare: () => fixtures.fill(1),
      ask: () => see(player(), { id: fixtures.next() }),
    },
    fixtures: { select, ask: () => see(player(), { where: open }) },
    fixtureAggregates: { ask: () => see(player(), { groupBy: ['COMPETITION', 'STATUS'] }) },
    competitions: { ask: () => see(player()) },
    oddsQuotes: { ask: () => see(player()) },
    quoteAggregates: { ask: () => see(player(), { groupBy: ['SOURCE', 'SIDE'] }) },
  }
}

/** Fixtures, results, prices, feeds. */
export function fixtureMakers(world: World, games: readonly string[]): Makers {
  return {
    ...resultMakers(world, games),
    ...followMakers(world),
    ...feedMakers(world),
    ...boardMakers(world),
  }
}

import { expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { VIEWERS } from '../analytics/analytics-kit.ts'
import { openBetting } from '../analytics/bets/kit/betting-kit.ts'
import { type Choice, game, price } from '../analytics/bets/kit/scripted-feed.ts'
import { openAiService, predictionsOf, userOf, type Who } from './ai-kit.ts'

const HOME: Choice = 'one/match_result/0/home'
const OVER: Choice = 'two/over_under/2500/over'
const LONELY: Choice = 'three/both_score/0/yes'

const PRICED = (name: string) => [
  game(name),
  price(`${name}/match_result/0/home`, 2_100),
  price(`${name}/match_result/0/draw`, 3_400),
  price(`${name}/match_result/0/away`, 3_600),
  price(`${name}/over_under/2500/over`, 1_900),
  price(`${name}/over_under/2500/under`, 1_950),
]

const FAIR = `query ($bets: [_Any!]!) { _entities(representations: $bets) {
  ... on Bet { id fairPrice { odds legs { fixtureId odds probability } } } } }`

/** Somebody with another right. */
const plus = (viewer: Viewer, scope: string): Viewer => ({
  ...viewer,
  scopes: [...viewer.scopes, scope].sort(),
})

/** The player who bets, as they ask ai. */
const PLAYER = plus(VIEWERS.player, 'predictions:read')

async function openWorld() {
  const betting = await openBetting()
  const { fetch } = betting.service
  const world = await openAiService({ clock: systemClock, analyticsFetch: fetch })
  await betting.tell(...PRICED('one'), ...PRICED('two'), game('three'), price(LONELY, 1_800))
  const accountId = await betting.fund(10_000)
  const place = async (on: Record<Choice, number>) => {
    const { data, codes } = await betting.place({ accountId, on })
    if (codes.length > 0) throw new Error(codes.join())
    return data.id as string
  }
  return {
    ...{ ...world, betting, place },
    fair: async (who: Who, ...ids: string[]) => {
      const bets = ids.map((id) => ({ __typename: 'Bet', id }))
      const { data, codes } = await world.ask(who, FAIR, { bets })
      const prices = data._entities.map((bet: { fairPrice: unknown } | null) => bet?.fairPrice)
      return { prices, codes }
    },
    [Symbol.asyncDispose]: async () => {
      await world.service.stop(1_000)
      await betting[Symbol.asyncDispose]()
    },
  }
}

test('a single and a multiple have the fair prices of their legs', async () => {
  await using world = await openWorld()
  const single = await world.place({ [HOME]: 2_100 } as Record<Choice, number>)
  const both = { [HOME]: 2_100, [OVER]: 1_900 } as Record<Choice, number>
  const multiple = await world.place(both)
  const { prices, codes } = await world.fair(PLAYER, single, multiple)
  expect(codes).toEqual([])
  const [one, two] = prices
  const [home, over] = two.legs
  expect(one).toEqual({ odds: home.odds, legs: [home] })
  expect(home.odds).toBeGreaterThan(2_100)
  expect(over.odds).toBeGreaterThan(1_900)
  expect(two.odds).toBe(Math.floor((home.odds * over.odds) / 1_000))
  const ids = [home.fixtureId]
  const [prediction] = (await predictionsOf(world, ids)).all
  expect(home.probability).toBeCloseTo(prediction.probabilities.home, 9)
})

test('a leg that nobody can judge leaves the bet without a fair price', async () => {
  await using world = await openWorld()
  const bet = await world.place({ [LONELY]: 1_800 } as Record<Choice, number>)
  expect(await world.fair(PLAYER, bet)).toEqual({ prices: [null], codes: [] })
})

test('refused: the bet of another has no fair price, as one that there is not', async () => {
  await using world = await openWorld()
  const bet = await world.place({ [HOME]: 2_100 } as Record<Choice, number>)
  const stranger = userOf({ kind: 'tenant', tenantId: '1' }, ['predictions:read'], '77')
  expect(await world.fair(stranger, bet, '999')).toEqual({ prices: [null, null], codes: [] })
  const foreign = userOf({ kind: 'tenant', tenantId: '2' }, ['bets:read', 'predictions:read'], '78')
  expect((await world.fair(foreign, bet)).prices).toEqual([null])
  const trader = userOf({ kind: 'tenant', tenantId: '1' }, ['bets:read', 'predictions:read'], '79')
  expect((await world.fair(trader, bet)).prices[0].odds).toBeGreaterThan(2_100)
  const { codes } = await world.fair(VIEWERS.player, bet)
  expect(codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

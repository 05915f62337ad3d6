import type { TestPlatform } from '../../kit/platform.ts'
import {
  game,
  openScriptedFeed,
  price,
  result,
} from '../../subgraphs/analytics/bets/kit/scripted-feed.ts'
import { take } from '../world.ts'
import type { Game } from './side.ts'

const ODDS = 2_000
const PICKS = ['home', 'draw', 'away'] as const

const FIND = `query Find($home: String!) { fixtures(where: { home: { eq: $home } }) { edges { node {
  id markets { selections { id name } } } } } }`

type Found = {
  edges: { node: { id: string; markets: { selections: { id: string; name: string }[] }[] } }[]
}

/** Games to bet on, told by a feed that says what a test says. */
export async function openGames(platform: TestPlatform, asked: Parameters<typeof take>[0]) {
  const analytics = platform.local.platform.services.find(({ name }) => name === 'analytics')
  if (!analytics) throw new Error('analytics does not run here')
  const { tell, events } = await openScriptedFeed(analytics.database)
  let opened = 0
  return {
    /** A game of tomorrow with prices of 2.00 on each of its three ends. Everybody sees games. */
    open: async (): Promise<Game> => {
      const name = `game ${++opened}`
      await tell(game(name))
      await tell(...PICKS.map((pick) => price(`${name}/match_result/0/${pick}`, ODDS)))
      const { edges } = await take<Found>(asked, FIND, { home: `${name} home` })
      const node = edges[0]?.node
      const picked = node?.markets[0]?.selections.find((selection) => selection.name === 'HOME')
      if (!node || !picked) throw new Error(`nobody knows the game ${name}`)
      return { name, fixtureId: node.id, selectionId: picked.id, odds: ODDS }
    },
    /** Its kick-off is an hour ago. */
    begin: ({ name }: Game) => tell(game(name, -1)),
    /** The home side wins, as the feed says. */
    finish: ({ name }: Game) => tell(result(name, 2, 0)),
    [Symbol.asyncDispose]: () => events.close(),
  }
}

export type Games = Awaited<ReturnType<typeof openGames>>

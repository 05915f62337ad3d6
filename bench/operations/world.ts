import type { BenchCluster } from '../bench-cluster.ts'
import {
  inTurns,
  type Offer,
  OPERATOR,
  type Player,
  type SignedIn,
  signIn,
  signUpPlayers,
} from '../bets-players.ts'
import { ask as askOnce } from '../embedded.ts'
import { type Ask, repeat } from './asking.ts'
import type { Maker } from './maker.ts'

/** Access tokens last five minutes. */
const TOKENS_KEPT_MS = 120_000

/** What makers make their requests of. */
export type World = {
  /** Who runs the platform. */
  operator: SignedIn
  /** Members of a guild with money on their accounts. */
  players: readonly Player[]
  offers: readonly Offer[]
  /** A number that nobody had before. */
  serial: () => number
  ask: Ask
  /** Asks one operation so often, outside any measured time. */
  repeat: (root: string, maker: Maker, count: number) => Promise<void>
  /** Gives everybody new tokens where the old ones end soon. */
  keepSignedIn: () => Promise<void>
}

const REFRESH = `mutation Refresh($input: RefreshTokensInput!) {
  refreshTokens(input: $input) { accessToken refreshToken }
}`

async function refresh(url: string, person: SignedIn): Promise<void> {
  type Tokens = { refreshTokens: { accessToken: string; refreshToken: string } }
  const variables = { input: { refreshToken: person.refreshToken } }
  const { refreshTokens } = await askOnce<Tokens>(url, { query: REFRESH, variables })
  person.token = refreshTokens.accessToken
  person.refreshToken = refreshTokens.refreshToken
}

/** People of a fresh cluster, who go on being signed in. */
export async function makeWorld(
  { gateways: [gateway], offers }: Pick<BenchCluster, 'gateways' | 'offers'>,
  { ask, players: count }: { ask: Ask; players: number },
): Promise<World> {
  const { url = '' } = gateway ?? {}
  let since = performance.now()
  const players = await signUpPlayers(url, count)
  const operator = await signIn(url, OPERATOR)
  let numbers = 0
  return {
    ...{ operator, players, offers, ask },
    serial: () => {
      numbers += 1
      return numbers
    },
    repeat: (root, maker, times) => repeat(ask, { root, maker, count: times }),
    keepSignedIn: async () => {
      if (performance.now() - since < TOKENS_KEPT_MS) return
      await inTurns([operator, ...players], (person) => refresh(url, person))
      since = performance.now()
    },
  }
}

/** Goes round a list for ever. */
export function createRound<Item>(items: readonly Item[]): () => Item {
  let place = 0
  return () => {
    place += 1
    return items[place % items.length] as Item
  }
}

import { ask } from './embedded.ts'

/** What a sign-in gives. */
export type SignedIn = { token: string; refreshToken: string; userId: string; sessionId: string }

/** Somebody who bets: an access token, and an account to stake from. */
export type Player = SignedIn & { email: string; accountId: string }

/** One answer that can be bet on. */
export type Offer = { selectionId: string; odds: number }

/** Who runs the platform of the demo world. */
export const OPERATOR = { email: 'operator@dbsbm.example', password: 'demo-operator' }
/** What every player signs in with. */
export const PASSWORD = 'benchmark-password'
/** Sign-ups at the same time: hashing passwords is what takes long. */
const AT_ONCE = 5
/** The demo's tenant Acme. */
export const TENANT = '1'
/** A guild of the demo world without the stricter rules. */
export const GUILD = '81384788765712384'
/** What every player has to begin with. */
const RICH = { amount: '1000000000', currency: 'EUR' }

const act = (field: string, type: string, selection: string) =>
  `mutation Act($input: ${type}!) { ${field}(input: $input) { ${selection} } }`

const SIGN_IN = act('signIn', 'SignInInput', 'accessToken refreshToken userId sessionId')

type Id = { id: string }
type Acting = { url: string; token: string }

async function done({ url, token }: Acting, query: string, input: object): Promise<string> {
  const answer = await ask<Record<string, Id | null>>(url, { query, variables: { input }, token })
  const id = Object.values(answer)[0]?.id
  if (id === undefined) throw new Error(`nothing came of ${query}`)
  return id
}

/** Signs in by password. */
export async function signIn(
  url: string,
  person: { email: string; password: string },
): Promise<SignedIn> {
  type Tokens = Omit<SignedIn, 'token'> & { accessToken: string }
  const { signIn: signed } = await ask<{ signIn: Tokens }>(url, {
    query: SIGN_IN,
    variables: { input: person },
  })
  const { accessToken: token, ...rest } = signed
  return { token, ...rest }
}

async function signUp(operator: Acting, roleId: string, index: number): Promise<Player> {
  const { url } = operator
  const email = `bettor-${index}@dbsbm.example`
  const person = { email, password: PASSWORD, displayName: `Bettor ${index}` }
  const userId = await done(operator, act('createUser', 'CreateUserInput', 'id'), person)
  const place = { guildId: GUILD, userId }
  await done(operator, act('addGuildMember', 'AddGuildMemberInput', 'id'), place)
  const grant = { ...place, roleId, tenantId: TENANT }
  await done(operator, act('grantRole', 'GrantRoleInput', 'id'), grant)
  const signedIn = await signIn(url, { email, password: PASSWORD })
  const opening = { guildId: GUILD, currency: RICH.currency }
  const accountId = await done(
    { url, token: signedIn.token },
    act('openAccount', 'OpenAccountInput', 'id'),
    opening,
  )
  const money = { accountId, money: RICH, idempotencyKey: `rich-${index}-of-bench` }
  await done(operator, act('deposit', 'DepositInput', 'id'), money)
  return { ...signedIn, email, accountId }
}

/** As many at a time of what is to be done for many. */
export async function inTurns<Item, Done>(
  items: readonly Item[],
  work: (item: Item) => Promise<Done>,
) {
  const done: Done[] = []
  for (let first = 0; first < items.length; first += AT_ONCE) {
    done.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(work))))
  }
  return done
}

/** Signs up members of a guild with money on their accounts. */
export async function signUpPlayers(url: string, count: number): Promise<Player[]> {
  const enter = async (): Promise<Acting> => ({ url, token: (await signIn(url, OPERATOR)).token })
  const role = { name: 'bettor', permissions: ['fixtures:read', 'odds:read', 'bets:place'] }
  const roleId = await done(await enter(), act('createRole', 'CreateRoleInput', 'id'), role)
  const players: Player[] = []
  while (players.length < count) {
    // Signed in anew: on a slow machine all of them take longer than a token lasts.
    const operator = await enter()
    const missing = Math.min(2 * AT_ONCE, count - players.length)
    const places = Array.from({ length: missing }, (_, index) => players.length + index)
    players.push(...(await inTurns(places, (index) => signUp(operator, roleId, index))))
  }
  return players
}

/** The same people with new tokens, which last five minutes. */
export const signInAgain = (url: string, players: readonly Player[]): Promise<Player[]> =>
  inTurns(players, async (player) => ({
    ...player,
    ...(await signIn(url, { email: player.email, password: PASSWORD })),
  }))

const BOARD = `query Board($after: DateTime!) {
  fixtures(first: 20, where: { status: { eq: SCHEDULED }, startsAt: { gt: $after } }) {
    edges { node { markets { selections { id movements { side currentOdds } } } } }
  }
}`

type Movement = { side: string; currentOdds: number }
type Board = {
  fixtures: {
    edges: { node: { markets: { selections: { id: string; movements: Movement[] }[] }[] } }[]
  }
}

/** What can be bet on for a while yet. */
export async function readOffers(url: string, stays: number): Promise<Offer[]> {
  const { token } = await signIn(url, OPERATOR)
  const variables = { after: new Date(Date.now() + stays).toISOString() }
  const { fixtures } = await ask<Board>(url, { query: BOARD, variables, token })
  return fixtures.edges.flatMap(({ node }) =>
    node.markets.flatMap(({ selections }) =>
      selections.flatMap(({ id, movements }) => {
        const price = movements.find(({ side }) => side === 'BACK')
        return price ? [{ selectionId: id, odds: price.currentOdds }] : []
      }),
    ),
  )
}

const PLACE = act('placeBet', 'PlaceBetInput', 'id status odds potentialPayout { amount }')

/** The bodies of bets, one player after the other. */
export function createBets(players: readonly Player[], offers: readonly Offer[], name: string) {
  let placed = 0
  return () => {
    placed += 1
    const player = players[placed % players.length] as Player
    const { selectionId, odds } = offers[placed % offers.length] as Offer
    const input = {
      accountId: player.accountId,
      stake: { amount: String(100 + (placed % 900)), currency: RICH.currency },
      legs: [{ selectionId, odds }],
      // Prices move while the others wait.
      priceChange: 'ANY',
      idempotencyKey: `${name}-${placed}-bet`,
    }
    const body = JSON.stringify({ query: PLACE, variables: { input } })
    return { body, headers: { authorization: `Bearer ${player.token}` } }
  }
}

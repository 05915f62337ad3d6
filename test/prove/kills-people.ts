import { type Account, type Caller, createCaller, type Said } from './kills-caller.ts'

/** Somebody who deposits, bets and cashes out; the first also decides results. */
export type Player = {
  userId: string
  account: Account
  /** One account per currency. */
  purses: readonly { accountId: string; currency: string }[]
}

/** The operator of the demo world. */
export const OPERATOR: Account = { email: 'operator@dbsbm.example', password: 'demo-operator' }
const PASSWORD = 'a password for a proof'
const TENANT = '1'
/** A guild of the demo world without the stricter rules: its members may book for themselves. */
export const GUILD = '81384788765712384'
export const CURRENCIES = ['EUR', 'USD'] as const

const MAY_PLAY = [
  ...['fixtures:read', 'odds:read', 'guilds:read'],
  ...['bets:place', 'money:read', 'money:write'],
]

const CREATE_ROLE =
  'mutation CreateRole($input: CreateRoleInput!) { createRole(input: $input) { id } }'
const CREATE_USER =
  'mutation CreateUser($input: CreateUserInput!) { createUser(input: $input) { id } }'
const ADD_MEMBER =
  'mutation AddMember($input: AddGuildMemberInput!) { addGuildMember(input: $input) { id } }'
const GRANT_ROLE = 'mutation GrantRole($input: GrantRoleInput!) { grantRole(input: $input) { id } }'
const OPEN_ACCOUNT =
  'mutation OpenAccount($input: OpenAccountInput!) { openAccount(input: $input) { id } }'
const OWN_ID = '{ me { id } }'

/** The id in an answer of one field. @throws when it was refused */
export function idOf({ data, codes }: Said): string {
  const [answer] = Object.values(data ?? {}) as ({ id: string } | null | undefined)[]
  if (!answer || codes.length > 0) throw new Error(`refused: ${codes.join()}`)
  return answer.id
}

export const operatorAt = (url: string): Caller => createCaller(url, OPERATOR)

async function openPurses(caller: Caller): Promise<Player['purses']> {
  const purses: Player['purses'][number][] = []
  for (const currency of CURRENCIES) {
    const said = await caller.ask(OPEN_ACCOUNT, { input: { guildId: GUILD, currency } })
    purses.push({ accountId: idOf(said), currency })
  }
  return purses
}

async function makePlayer(operator: Caller, url: string, { roleId, name }: Made): Promise<Player> {
  const email = `${name}@players.example`
  const person = { email, displayName: name, password: PASSWORD }
  const userId = idOf(await operator.ask(CREATE_USER, { input: person }))
  idOf(await operator.ask(ADD_MEMBER, { input: { guildId: GUILD, userId } }))
  const grant = { userId, roleId, tenantId: TENANT, guildId: GUILD }
  idOf(await operator.ask(GRANT_ROLE, { input: grant }))
  const account = { email, password: PASSWORD, guildId: GUILD }
  await using caller = createCaller(url, account)
  return { userId, account, purses: await openPurses(caller) }
}

type Made = { roleId: string; name: string }

/** Signs up the players through GraphQL; the first of them is the platform's operator. */
export async function signUpPlayers(url: string, count: number): Promise<Player[]> {
  await using operator = operatorAt(url)
  const role = { name: 'player and cashier', permissions: MAY_PLAY }
  const roleId = idOf(await operator.ask(CREATE_ROLE, { input: role }))
  const userId = idOf(await operator.ask(OWN_ID))
  const players: Player[] = [{ userId, account: OPERATOR, purses: await openPurses(operator) }]
  for (let index = 1; index < count; index += 1) {
    players.push(await makePlayer(operator, url, { roleId, name: `player-${index}` }))
  }
  return players
}

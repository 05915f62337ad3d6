import { GUILD, PASSWORD, type Player, type SignedIn } from '../bets-players.ts'
import { act, idOf, type Made, type Maker, type Makers, see } from './maker.ts'
import { createStock, type Stock } from './stock.ts'
import { createRound, type World } from './world.ts'

/** A guild of the demo world that nobody joins otherwise. */
const OTHER_GUILD = '81384788765712385'
/** More people than hash at the same time. */
const CHANGING_PASSWORDS = 25
/** More sessions than refresh at the same time. */
const REFRESHING = 50

const toSignedIn = (made: Made): SignedIn => ({
  token: String(made.accessToken),
  refreshToken: String(made.refreshToken),
  userId: String(made.userId),
  sessionId: String(made.sessionId),
})

/** People without a password: they cost no hashing. */
function createNewcomers({ operator, serial, repeat }: World): Stock<string> {
  const make: Maker = {
    ask: () => {
      const email = `newcomer-${serial()}@dbsbm.example`
      const input = { email, displayName: 'A newcomer' }
      return act(operator, input, (made) => newcomers.put(idOf(made)))
    },
  }
  const newcomers = createStock<string>('newcomers', (count) => repeat('createUser', make, count))
  return newcomers
}

function userMakers(world: World, newcomers: Stock<string>): Makers {
  const { operator, players, repeat } = world
  const player = createRound(players)
  const suspended = createStock<string>('suspended people', (count) =>
    repeat('suspendUser', suspendUser, count),
  )
  const suspendUser: Maker = {
    prepare: newcomers.fill,
    ask: () => {
      const userId = newcomers.take()
      return act(operator, { userId }, () => suspended.put(userId))
    },
  }
  return {
    me: { ask: () => see(player()) },
    user: { prepare: newcomers.fill, ask: () => see(operator, { id: newcomers.next() }) },
    users: { ask: () => see(operator) },
    suspendUser,
    restoreUser: {
      prepare: suspended.fill,
      ask: () => {
        const userId = suspended.take()
        return act(operator, { userId }, () => newcomers.put(userId))
      },
    },
  }
}

type Account = SignedIn & { password: string }

function passwordMakers(world: World, newcomers: Stock<string>): Makers {
  const { operator, serial, repeat } = world
  const emails = createStock<string>('people with a password', (count) =>
    repeat('createUser', createUser, count),
  )
  const createUser: Maker = {
    ask: () => {
      const email = `keeper-${serial()}@dbsbm.example`
      const input = { email, displayName: 'With a password', password: PASSWORD }
      return act(operator, input, () => emails.put(email))
    },
  }
  const enter: Maker = {
    prepare: emails.fill,
    ask: () =>
      act(null, { email: emails.take(), password: PASSWORD }, (made) =>
        accounts.put({ ...toSignedIn(made), password: PASSWORD }),
      ),
  }
  const accounts = createStock<Account>('people signed in', (count) =>
    repeat('signIn', enter, count),
  )
  return {
    createUser,
    setFirstPassword: {
      prepare: newcomers.fill,
      ask: () => act(operator, { userId: newcomers.take(), password: PASSWORD }),
    },
    changePassword: {
      prepare: () => accounts.fill(CHANGING_PASSWORDS),
      ask: () => {
        const account = accounts.take()
        const newPassword = `${PASSWORD}-${serial()}`
        const input = { currentPassword: account.password, newPassword }
        return act(account, input, () => accounts.put({ ...account, password: newPassword }))
      },
    },
  }
}

function sessionMakers(world: World, newcomers: Stock<string>): Makers {
  const { operator, players, repeat } = world
  const player = createRound(players)
  const sessions = createStock<SignedIn & { of: Player }>('sessions', (count) =>
    repeat('signIn', signIn, count),
  )
  const signIn: Maker = {
    ask: () => {
      const of = player()
      const input = { email: of.email, password: PASSWORD }
      return act(null, input, (made) => sessions.put({ ...toSignedIn(made), of }))
    },
  }
  return {
    signIn,
    sessions: { ask: () => see(player()) },
    refreshTokens: {
      prepare: () => sessions.fill(REFRESHING),
      ask: () => {
        const { refreshToken, of } = sessions.take()
        return act(null, { refreshToken }, (made) => sessions.put({ ...toSignedIn(made), of }))
      },
    },
    signOut: { prepare: sessions.fill, ask: () => act(sessions.take(), {}) },
    revokeSession: {
      prepare: sessions.fill,
      ask: () => {
        const { sessionId, of } = sessions.take()
        return act(of, { sessionId })
      },
    },
    revokeUserSessions: {
      prepare: newcomers.fill,
      ask: () => act(operator, { userId: newcomers.next() }),
    },
  }
}

function memberMakers(world: World, newcomers: Stock<string>): Makers {
  const { operator, repeat } = world
  const guildId = OTHER_GUILD
  const members = createStock<string>('members', (count) =>
    repeat('addGuildMember', addGuildMember, count),
  )
  const addGuildMember: Maker = {
    prepare: newcomers.fill,
    ask: () => {
      const userId = newcomers.next()
      return act(operator, { guildId, userId }, () => members.put(userId))
    },
  }
  return {
    addGuildMember,
    removeGuildMember: {
      prepare: members.fill,
      ask: () => act(operator, { guildId, userId: members.take() }),
    },
  }
}

function roleMakers(world: World, newcomers: Stock<string>): Makers {
  const { operator, serial, repeat } = world
  const roles = createStock<string>('roles', (count) => repeat('createRole', createRole, count))
  const granted = createStock<string>('roles given', (count) =>
    repeat('grantRole', grantRole, count),
  )
  const createRole: Maker = {
    ask: () => {
      const input = { name: `role ${serial()}`, permissions: ['fixtures:read', 'odds:read'] }
      return act(operator, input, (made) => roles.put(idOf(made)))
    },
  }
  const grantRole: Maker = {
    prepare: async (count) => {
      await newcomers.fill(count)
      await roles.fill(1)
    },
    ask: () => {
      const input = { userId: newcomers.next(), roleId: roles.all[0], guildId: GUILD }
      return act(operator, input, (made) => granted.put(idOf(made)))
    },
  }
  return {
    createRole,
    // Of the last made: the first is held by many once it is given.
    updateRole: {
      prepare: () => roles.fill(20),
      ask: () => {
        const roleId = roles.all[1 + (serial() % (roles.all.length - 1))]
        return act(operator, { roleId, description: `Changed ${serial()} times.` })
      },
    },
    role: { prepare: () => roles.fill(20), ask: () => see(operator, { id: roles.next() }) },
    roles: { ask: () => see(operator) },
    grantRole,
    userRoles: { ask: () => see(operator) },
    revokeRole: {
      prepare: granted.fill,
      ask: () => act(operator, { userRoleId: granted.take() }),
    },
  }
}

function keyMakers({ operator, serial, repeat }: World): Makers {
  const keys = createStock<string>('API keys', (count) =>
    repeat('createApiKey', createApiKey, count),
  )
  const select = 'text apiKey { id name scopes }'
  const createApiKey: Maker = {
    select,
    ask: () => {
      const input = { name: `key ${serial()}`, scopes: ['fixtures:read'] }
      return act(operator, input, ({ apiKey }) => keys.put(idOf(apiKey as Made)))
    },
  }
  return {
    createApiKey,
    apiKeys: { ask: () => see(operator) },
    rotateApiKeySecret: {
      select,
      prepare: keys.fill,
      ask: () => act(operator, { apiKeyId: keys.next() }),
    },
    revokeApiKey: { prepare: keys.fill, ask: () => act(operator, { apiKeyId: keys.take() }) },
  }
}

/** Why these are measured, and not held against the goal. */
export const HASHING: Readonly<Record<string, string>> = {
  signIn: 'hashes a password',
  changePassword: 'hashes two passwords',
  setFirstPassword: 'hashes a password',
  createUser: 'hashes a password',
}

/** People, sessions, roles, keys. */
export function identityMakers(world: World): Makers {
  const { operator } = world
  const newcomers = createNewcomers(world)
  return {
    ...userMakers(world, newcomers),
    ...passwordMakers(world, newcomers),
    ...sessionMakers(world, newcomers),
    ...memberMakers(world, newcomers),
    ...roleMakers(world, newcomers),
    ...keyMakers(world),
    securityEvents: { ask: () => see(operator) },
    securityEventAggregates: { ask: () => see(operator, { groupBy: ['EVENT_TYPE'] }) },
  }
}

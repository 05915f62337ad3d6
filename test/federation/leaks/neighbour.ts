import { PEOPLE, type TestPlatform } from '../../kit/platform.ts'
import { changed, untilQuiet } from '../world.ts'
import { startIdsAt } from './distinct-ids.ts'
import { roleId, untilHeard } from './foreign-world.ts'
import type { Games } from './games.ts'
import { plantBetting } from './plant-betting.ts'
import { plantAlertRules, plantConversations, untilRaised } from './plant-rules.ts'
import { type ForeignWorld, textsOf } from './side.ts'
import { noIds, worldOf } from './world-ids.ts'

/** Stands in every text of the neighbours' guild that takes one. */
const MARKER = 'zqneighbour'
const FIRST_ID = 88_000_000_000
const UNIT = 10_000_000_000
const GUILD = '88999999999999991'
const ACME = '1'
const OWN_GUILD = PEOPLE.acmeMember.guildId

const PLAYER = {
  email: `member@${MARKER}.example`,
  password: 'a long enough password',
  guildId: GUILD,
} as const

/** A member of the neighbours' guild, who may bet there. */
async function plantMember(platform: TestPlatform): Promise<string> {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const person = { email: PLAYER.email, displayName: `${MARKER} member` }
  const { id: userId } = await changed(ask, 'createUser', person)
  await changed(ask, 'addGuildMember', { guildId: GUILD, userId })
  const first = { userId, password: PLAYER.password }
  await changed(await platform.as(PEOPLE.operator), 'setFirstPassword', first)
  await changed(ask, 'grantRole', { userId, roleId: await roleId(ask, 'member'), guildId: GUILD })
  return userId
}

/** Plants another guild of Acme, full of money, bets and rules: none of them are those of its guilds beside. */
export async function plantNeighbour(platform: TestPlatform, games: Games): Promise<ForeignWorld> {
  const databases = platform.local.platform.services.map(({ database }) => database)
  await startIdsAt(databases, FIRST_ID)
  const ask = await platform.as(PEOPLE.acmeAdmin)
  await changed(ask, 'registerGuild', { tenantId: ACME, guildId: GUILD, name: `${MARKER} guild` })
  const operator = await platform.as(PEOPLE.operator)
  const switches = { enterpriseFeatures: true, auditLogging: true }
  await changed(operator, 'updateGuild', { guildId: GUILD, ...switches })
  await untilHeard(ask, GUILD)
  const userId = await plantMember(platform)
  const place = { officer: ask, guildId: GUILD, marker: MARKER }
  await plantAlertRules(place, false)
  const consent = { purpose: 'marketing_email', version: MARKER, channel: 'WEB' }
  await changed(await platform.as(PLAYER), 'giveConsent', consent)
  await plantConversations(place, [userId])
  const table = { platform, games, cashier: ask, player: PLAYER, marker: MARKER, unit: UNIT }
  const game = await plantBetting(table)
  await untilRaised(ask, `${MARKER} rule`)
  await untilQuiet(platform)
  const known = { guild: [GUILD], user: [userId] }
  const own = { ...noIds(), tenant: [ACME], guild: [OWN_GUILD] }
  const facts = {
    own,
    game,
    unit: UNIT,
    insider: PEOPLE.acmeAdmin,
    player: PLAYER,
    texts: textsOf(MARKER),
  }
  return worldOf(platform, { known, facts, marker: MARKER, firstId: FIRST_ID })
}

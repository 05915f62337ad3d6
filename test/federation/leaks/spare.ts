import { PEOPLE, type TestPlatform } from '../../kit/platform.ts'
import { changed, changedOnceHeard } from '../world.ts'
import type { Games } from './games.ts'
import type { IdsOfKinds } from './id-kinds.ts'
import { betOn } from './plant-betting.ts'
import { noIds } from './world-ids.ts'

const ACME = '1'
const SPARE_GUILD = '81384788765712385'

const eur = (amount: string) => ({ amount, currency: 'EUR' })

/** Money of Acme's administrator in the spare guild. */
async function plantSpareMoney(platform: TestPlatform, games: Games) {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const account = await changedOnceHeard(ask, 'openAccount', {
    guildId: SPARE_GUILD,
    currency: 'EUR',
  })
  const money = { accountId: account, money: eur('900000') }
  await changed(ask, 'deposit', { ...money, idempotencyKey: 'spare-deposit' })
  const review = { accountId: account, money: eur('100'), idempotencyKey: 'spare-hold' }
  const hold = await changed(ask, 'holdFunds', review)
  const game = await games.open()
  const input = { ...betOn(account, game, eur('500')), idempotencyKey: 'spare-bet' }
  const bet = await changed(ask, 'placeBet', input)
  return { account, hold: hold.id, bet: bet.id, game }
}

/** Rows of Acme that an attack may change without harm to those who attack. */
export async function plantSpare(platform: TestPlatform, games: Games): Promise<IdsOfKinds> {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const person = { email: 'spare@acme.example', displayName: 'Spare' }
  const user = await changed(ask, 'createUser', person)
  const role = await changed(ask, 'createRole', { name: 'spare', permissions: ['odds:read'] })
  const grant = { userId: user.id, roleId: role.id, guildId: SPARE_GUILD }
  const userRole = await changed(ask, 'grantRole', grant)
  const key = { name: 'spare', scopes: ['odds:read'] }
  type Issued = { apiKey: { id: string } }
  const { apiKey } = await changed<Issued>(ask, 'createApiKey', key, 'apiKey { id }')
  const rule = { name: 'spare', threshold: 1_000, windowSeconds: 1 }
  const alertRule = await changedOnceHeard(ask, 'setAlertRule', rule)
  const { account, hold, bet, game } = await plantSpareMoney(platform, games)
  return {
    ...noIds(),
    tenant: [ACME],
    guild: [SPARE_GUILD],
    user: [user.id],
    role: [role.id],
    userRole: [userRole.id],
    apiKey: [apiKey.id],
    alertRule: [alertRule],
    account: [account],
    hold: [hold],
    bet: [bet],
    fixture: [game.fixtureId],
    selection: [game.selectionId],
  }
}

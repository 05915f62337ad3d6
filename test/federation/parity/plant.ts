import { PEOPLE, type TestPlatform } from '../../kit/platform.ts'
import { betOn, eur, openAcmeBets, SHARPS } from '../acme-bets.ts'
import { plantAlertRules, plantConversations, untilRaised } from '../leaks/plant-rules.ts'
import { changed, untilQuiet } from '../world.ts'

/** One of everything that a protected field may stand on, beside what the demo world has. */
export async function plantOneOfEach(platform: TestPlatform) {
  const acme = await openAcmeBets(platform)
  const { admin, member, accountId, games } = acme
  const place = { officer: admin, guildId: SHARPS, marker: 'parity' }
  await plantAlertRules(place, false)
  await plantConversations(place, ['4'])
  const game = await games.open()
  await changed(member, 'placeBet', betOn(accountId, game, 'parity-bet'))
  const hold = { accountId, money: eur(500), idempotencyKey: 'parity-hold' }
  const { id: holdId } = await changed(member, 'requestWithdrawal', hold)
  await changed(admin, 'freezeHold', { holdId, reason: 'parity' })
  await changed(admin, 'deposit', { accountId, money: eur(700), idempotencyKey: 'parity-money' })
  const data = { greeting: 'parity' }
  await changed(admin, 'setCustomization', { tenantId: '1', type: 'MESSAGES', data })
  await changed(admin, 'createApiKey', { name: 'parity', scopes: ['odds:read'] }, 'apiKey { id }')
  await untilRaised(await platform.as(PEOPLE.acmeAdmin), 'parity')
  await untilQuiet(platform)
  return acme
}

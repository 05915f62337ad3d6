import { PEOPLE, type TestPlatform } from '../kit/platform.ts'
import { openGames } from './leaks/games.ts'
import type { Game } from './leaks/side.ts'
import { changed, changedOnceHeard } from './world.ts'

/** The guild whose reads and bets are all logged. */
export const SHARPS = PEOPLE.acmeMember.guildId

/** The ids that identity gives the people of the demo. */
export const IDS = { member: '4', officer: '6' } as const

export const eur = (amount: number) => ({ amount: String(amount), currency: 'EUR' })

/** A bet on the home side at the price that stands. */
export const betOn = (accountId: string, { selectionId, odds }: Game, key: string) => ({
  accountId,
  stake: eur(1_000),
  legs: [{ selectionId, odds }],
  priceChange: 'EXACT',
  idempotencyKey: key,
})

/** The demo's people with 1000.00 for the member of Acme Sharps, and games to bet on. */
export async function openAcmeBets(platform: TestPlatform) {
  const [operator, admin, member, officer] = await Promise.all([
    platform.as(PEOPLE.operator),
    platform.as(PEOPLE.acmeAdmin),
    platform.as(PEOPLE.acmeMember),
    platform.as(PEOPLE.acmeOfficer),
  ])
  const games = await openGames(platform, operator)
  const accountId = await changedOnceHeard(member, 'openAccount', { currency: 'EUR' })
  const deposit = { accountId, money: eur(100_000), idempotencyKey: 'first-deposit' }
  await changed(admin, 'deposit', deposit)
  return { ...{ operator, admin, member, officer, games, accountId } }
}

export type AcmeBets = Awaited<ReturnType<typeof openAcmeBets>>

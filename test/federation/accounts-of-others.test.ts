import { expect, test } from 'vitest'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { IDS } from './acme-bets.ts'
import { changedOnceHeard, shown } from './world.ts'

const OPEN = `mutation Open($input: OpenAccountInput!) {
  openAccount(input: $input) { user { id } currency } }`
const { guildId } = PEOPLE.acmeMember

test('who books money opens an account for a member whom identity knows in the guild, and for nobody else', async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const member = { guildId, userId: IDS.member, currency: 'EUR' }
  await changedOnceHeard(admin, 'openAccount', member)
  expect(await shown(admin, OPEN, { input: member })).toEqual({
    data: { openAccount: { user: { id: IDS.member }, currency: 'EUR' } },
    refused: [],
  })
  // Somebody of Globex, and nobody at all.
  for (const userId of ['5', '4711']) {
    const input = { ...member, userId }
    expect(await shown(admin, OPEN, { input })).toEqual({
      data: { openAccount: null },
      refused: ['openAccount: ACCOUNT_PERSON_UNKNOWN'],
    })
  }
})

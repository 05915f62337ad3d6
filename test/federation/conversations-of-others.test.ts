import { expect, test } from 'vitest'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { IDS } from './acme-bets.ts'
import { shown } from './world.ts'

const RECORD = `mutation Record($input: ConversationTurnInput!) {
  recordConversationTurn(input: $input) { userId message tenant { id } guild { id } } }`

const said = { conversationId: 'c-1', messageType: 'TEXT', message: 'Who plays?' }
const NOT_KNOWN = {
  data: { recordConversationTurn: null },
  refused: ['recordConversationTurn: CONVERSATION_PERSON_UNKNOWN'],
}

test('what people said is written down of those whom identity knows at the place, and of nobody else', async () => {
  await using platform = await startPlatform()
  const globex = await platform.as(PEOPLE.globexAdmin)
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const operator = await platform.as(PEOPLE.operator)
  // Somebody of Acme, the operator, and nobody at all: told apart by nothing.
  for (const userId of [IDS.member, '1', '999999']) {
    expect(await shown(globex, RECORD, { input: { ...said, userId } })).toEqual(NOT_KNOWN)
  }
  for (const userId of [IDS.member, '999999']) {
    const input = { ...said, userId, tenantId: '2' }
    expect(await shown(operator, RECORD, { input })).toEqual(NOT_KNOWN)
  }
  const { member: userId } = IDS
  const { guildId } = PEOPLE.acmeMember
  for (const place of [{}, { guildId }]) {
    const guild = 'guildId' in place ? { id: guildId } : null
    expect(await shown(admin, RECORD, { input: { ...said, ...place, userId } })).toEqual({
      data: {
        recordConversationTurn: {
          ...{ userId, guild },
          message: 'Who plays?',
          tenant: { id: '1' },
        },
      },
      refused: [],
    })
  }
  // Whoever writes is known.
  const own = { ...said, userId: '1', tenantId: '2' }
  expect((await shown(operator, RECORD, { input: own })).refused).toEqual([])
})

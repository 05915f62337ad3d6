import { expect, test } from 'vitest'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { betOn, openAcmeBets } from './acme-bets.ts'
import { changed, shown, take } from './world.ts'

const ADD =
  'mutation Add($input: AddGuildMemberInput!) { addGuildMember(input: $input) { userId } }'
const PERSON = `query Person($id: ID!) { user(id: $id) {
  displayName
  tenantIds
  guildIds
  tenants { edges { node { code } } }
  guilds { edges { node { name } } }
} }`

test("a person of two tenants is seen by each with that tenant's places alone", async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const input = { guildId: PEOPLE.acmeMember.guildId, email: PEOPLE.globexAdmin.email }
  const { userId: id } = await take<{ userId: string }>(admin, ADD, { input })
  expect(await shown(admin, PERSON, { id })).toEqual({
    data: {
      user: {
        displayName: 'Gus Globex',
        tenantIds: ['1'],
        guildIds: [PEOPLE.acmeMember.guildId],
        tenants: { edges: [{ node: { code: 'acme' } }] },
        guilds: { edges: [{ node: { name: 'Acme Sharps' } }] },
      },
    },
    refused: [],
  })
  const own = await shown(await platform.as(PEOPLE.globexAdmin), PERSON, { id })
  expect(own.data).toMatchObject({
    user: { tenantIds: expect.arrayContaining(['1', '2']) },
  })
})

test('refused: a person of another tenant by his id', async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const input = { guildId: PEOPLE.acmeMember.guildId, userId: '5' }
  expect(await shown(admin, ADD, { input })).toEqual({
    data: { addGuildMember: null },
    refused: ['addGuildMember: USER_NOT_FOUND'],
  })
})

const OWN = `{ me {
  accounts { edges { node { balance { amount } guild { name } } } }
  bets { edges { node { status tenant { code } guild { name } } } }
  consents { edges { node { purpose tenant { code } } } }
  conversations { edges { node { message tenant { code } } } }
} }`

test('what is one’s own is seen wherever one’s rights are; where it lies, only within them', async () => {
  await using platform = await startPlatform()
  const { member, admin, games, accountId } = await openAcmeBets(platform)
  await using _games = games
  await changed(member, 'placeBet', betOn(accountId, await games.open(), 'a-bet-of-mine'))
  const said = { userId: '4', conversationId: 'one', messageType: 'TEXT', message: 'Who plays?' }
  await changed(admin, 'recordConversationTurn', said)
  const { email, password } = PEOPLE.acmeMember
  const elsewhere = await shown(await platform.as({ email, password, tenantId: '2' }), OWN)
  const one = (node: object) => ({ edges: [{ node }] })
  expect(elsewhere).toEqual({
    data: {
      me: {
        accounts: one({ balance: { amount: '99000' }, guild: null }),
        bets: one({ status: 'OPEN', tenant: null, guild: null }),
        consents: one({ purpose: 'terms', tenant: null }),
        conversations: one({ message: 'Who plays?', tenant: null }),
      },
    },
    refused: [
      'me.accounts.edges.0.node.guild.name: SUBGRAPH_VALUE_INVALID',
      'me.bets.edges.0.node.guild.name: SUBGRAPH_VALUE_INVALID',
      'me.bets.edges.0.node.tenant.code: SUBGRAPH_VALUE_INVALID',
      'me.consents.edges.0.node.tenant.code: SUBGRAPH_VALUE_INVALID',
      'me.conversations.edges.0.node.tenant.code: SUBGRAPH_VALUE_INVALID',
    ],
  })
})

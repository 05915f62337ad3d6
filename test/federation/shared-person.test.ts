import { expect, test } from 'vitest'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { take } from './leaks/foreign-world.ts'
import { shown } from './world.ts'

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

import { expect, test } from 'vitest'
import {
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX_ADMIN,
  openWorld,
} from './kit/identity-world.ts'

const REVOKE = `mutation ($input: RevokeUserSessionsInput!) {
  revokeUserSessions(input: $input) { userId count }
}`
const EVENTS = `query ($where: SecurityEventWhere) {
  securityEvents(where: $where) { edges { node { userId } } }
}`

test('an administrator ends the sessions of his people, also when there are none', async () => {
  await using world = await openWorld()
  const { userId } = await world.as({ ...ACME_MEMBER, guildId: ACME_GUILD })
  const admin = await world.as(ACME_ADMIN)
  for (const count of [1, 0]) {
    const { data } = await world.execute(admin, REVOKE, { input: { userId } })
    expect(data.revokeUserSessions).toEqual({ userId, count })
  }
})

test('refused: a person of another tenant, of whom no event is written either', async () => {
  await using world = await openWorld()
  const { userId } = await world.as(GLOBEX_ADMIN)
  const admin = await world.as(ACME_ADMIN)
  const { data, errors } = await world.execute(admin, REVOKE, { input: { userId } })
  expect(data.revokeUserSessions).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('USER_NOT_FOUND')
  const events = await world.execute(admin, EVENTS, { where: { userId: { eq: userId } } })
  expect(events.data.securityEvents).toEqual({ edges: [] })
})

import { describe, expect, test } from 'vitest'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { PersonKey } from '#kernel/crypto/person-key.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import { UserSettings } from '#subgraphs/identity/entities/user-settings.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_ANALYST,
  ACME_GUILD,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const CLIENT = { ip: '203.0.113.7', userAgent: 'Browser/1.0 (Test)' }
const LIST = `{ securityEvents(first: 100) { edges { node { eventType userId ipAddress userAgent } } } }`

type Seen = {
  eventType: string
  userId: string
  ipAddress: string | null
  userAgent: string | null
}

async function eventsSeenBy(world: World, viewer: Viewer, eventType: string): Promise<Seen[]> {
  const { data } = await world.execute(viewer, LIST)
  const { edges } = data.securityEvents as { edges: { node: Seen }[] }
  return edges.map(({ node }) => node).filter((event) => event.eventType === eventType)
}

const rowsOf = (world: World, eventType: string) =>
  world.database.acrossTenants().find(SecurityEvent, { eventType })

describe('the client of a security event', () => {
  test('is told to who may read security events within reach, to nobody else', async () => {
    await using world = await openWorld()
    const { tokens } = await world.signIn({ ...ACME_ANALYST, tenantId: ACME }, CLIENT)
    const ofAnalyst = async (viewer: Viewer) =>
      (await eventsSeenBy(world, viewer, 'sign-in.succeeded')).filter(
        ({ userId }) => userId === tokens?.userId,
      )
    const expected = { ipAddress: CLIENT.ip, userAgent: CLIENT.userAgent }
    expect(await ofAnalyst(await world.as(OPERATOR))).toMatchObject([expected])
    const admin = await world.as({ ...ACME_ADMIN, tenantId: ACME })
    expect(await ofAnalyst(admin)).toMatchObject([expected])
    expect(await ofAnalyst(await world.as(GLOBEX_ADMIN))).toEqual([])
    const { errors } = await world.execute(await world.as(ACME_ANALYST), LIST)
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })

  test('lies encrypted under the key of whoever acted, as does the last sign-in', async () => {
    await using world = await openWorld()
    await world.signIn(OPERATOR, CLIENT)
    const [row] = await rowsOf(world, 'sign-in.succeeded')
    expect([row?.ipAddress, row?.userAgent].map((text) => text?.slice(0, 3))).toEqual([
      'e1.',
      'e1.',
    ])
    const em = world.database.acrossTenants()
    const settings = await em.findOneOrFail(UserSettings, { userId: row?.userId ?? '' })
    expect(settings.lastLoginIp).toMatch(/^e1\./)
    expect(settings.lastLoginIp).not.toBe(row?.ipAddress)
  })

  test('is the administrator’s, not the member’s, where he acts on the member', async () => {
    await using world = await openWorld()
    const admin = { ...(await world.as({ ...ACME_ADMIN, tenantId: ACME })), client: CLIENT }
    const input = { guildId: ACME_GUILD, email: GLOBEX_ADMIN.email }
    const ADD = `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { id } }`
    await world.execute(admin, ADD, { input })
    expect(await eventsSeenBy(world, admin, 'member.added')).toContainEqual(
      expect.objectContaining({ ipAddress: CLIENT.ip }),
    )
    const em = world.database.acrossTenants()
    const key = await em.findOneOrFail(PersonKey, { personId: admin.userId ?? '' })
    key.wrappedKey = null
    await em.flush()
    world.clock.advance(61_000)
    const operator = await world.as(OPERATOR)
    expect(await eventsSeenBy(world, operator, 'member.added')).toContainEqual(
      expect.objectContaining({ ipAddress: null, userAgent: null }),
    )
    // Of who was erased nothing more is kept, and what he does is still recorded.
    const again = { guildId: ACME_GUILD, email: OPERATOR.email }
    expect((await world.execute(admin, ADD, { input: again })).errors).toBeUndefined()
  })

  test('of nobody known is a hash of the network, which nobody is shown', async () => {
    await using world = await openWorld()
    for (const host of [1, 2]) {
      const client = { ip: `2001:db8::${host}`, userAgent: CLIENT.userAgent }
      await world.signIn({ email: 'nobody@acme.example', password: 'any password' }, client)
    }
    const rows = await rowsOf(world, 'sign-in.refused')
    expect(rows.map(({ userAgent }) => userAgent)).toEqual([null, null])
    expect(rows[0]?.ipAddress).toMatch(/^n1\.[\w-]{43}$/)
    expect(rows[0]?.ipAddress).toBe(rows[1]?.ipAddress)
    const seen = await eventsSeenBy(world, await world.as(OPERATOR), 'sign-in.refused')
    expect(seen.map(({ ipAddress, userAgent }) => [ipAddress, userAgent])).toEqual([
      [null, null],
      [null, null],
    ])
  })

  test('of a refused key is the address that the gateway asked with', async () => {
    await using world = await openWorld()
    const admin = await world.as({ ...ACME_ADMIN, tenantId: ACME })
    const issued = await world.execute(
      admin,
      `mutation { createApiKey(input: { name: "k", scopes: ["odds:read"] }) { text } }`,
    )
    const { text } = issued.data.createApiKey as { text: string }
    const key = writeApiKey({ publicId: text.split('_')[2] ?? '', secret: 'x'.repeat(32) })
    for (const ip of ['::ffff:203.0.113.7', 'no address', null]) {
      const body = JSON.stringify({ key, ip })
      expect((await world.send({ path: '/introspect-key', body })).status).toBe(401)
    }
    const seen = await eventsSeenBy(world, admin, 'api-key.refused')
    expect(seen.map(({ ipAddress }) => ipAddress).sort()).toEqual(['203.0.113.7', null, null])
  })
})

test('live events carry no client, but it is read for who follows them', async () => {
  await using world = await openWorld()
  const admin = { ...(await world.as({ ...ACME_ADMIN, tenantId: ACME })), client: CLIENT }
  const body = JSON.stringify({
    query: 'subscription { securityEventHappened { eventType ipAddress userAgent } }',
  })
  const controller = new AbortController()
  const { signal } = controller
  const request = { path: '/graphql', body, accept: 'text/event-stream', signal }
  const answer = await world.send(request, { viewer: admin })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const reading = (async () => {
    let text = ''
    while (!text.includes('api-key.created')) text += (await reader?.read())?.value ?? ''
    return text
  })()
  const create = `mutation { createApiKey(input: { name: "k", scopes: ["odds:read"] }) { text } }`
  await expect
    .poll(async () => {
      await world.execute(admin, create)
      return Promise.race([reading, Promise.resolve('')])
    })
    .toContain(`"ipAddress":"${CLIENT.ip}","userAgent":"${CLIENT.userAgent}"`)
  controller.abort()
})

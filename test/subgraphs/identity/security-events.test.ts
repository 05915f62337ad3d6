import { describe, expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX,
  GLOBEX_ADMIN,
  OPERATOR,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const LIVE = `subscription { securityEventHappened { id eventType userId tenantId } }`
const ADD = `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { id } }`

type Next = {
  data: { securityEventHappened: Record<string, string> | null } | null
  errors?: { extensions: { code: string } }[]
  extensions?: { cursor: string }
}

async function* follow(
  world: World,
  viewer: Viewer,
  extensions: object = {},
): AsyncGenerator<Next> {
  const body = JSON.stringify({ query: LIVE, extensions })
  const answer = await world.send(
    { path: '/graphql', body, accept: 'text/event-stream' },
    { viewer },
  )
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, data] = /^event: next\ndata: (.+)$/m.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (data) yield JSON.parse(data)
    }
  }
}

const FROM_BEGINNING = { resume: 'beginning' }

async function nextOf(stream: AsyncGenerator<Next>, eventType: string): Promise<Next> {
  for (;;) {
    const { value } = await stream.next()
    const next = value as Next
    if (next.data?.securityEventHappened?.eventType === eventType) return next
  }
}

const countAll = (world: World) => world.database.acrossTenants().count(SecurityEvent)

describe('security events', () => {
  test('a change, its event and its audit record stand or fall together', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const before = [await countAll(world), await world.database.acrossTenants().count(OutboxRow)]
    const input = { guildId: ACME_GUILD, email: ACME_MEMBER.email }
    const { errors } = await world.execute(admin, ADD, { input })
    expect(errors?.[0]?.extensions.code).toBe('MEMBER_EXISTS')
    expect([await countAll(world), await world.database.acrossTenants().count(OutboxRow)]).toEqual(
      before,
    )
    await world.execute(admin, ADD, { input: { ...input, email: GLOBEX_ADMIN.email } })
    expect([await countAll(world), await world.database.acrossTenants().count(OutboxRow)]).toEqual(
      before.map((count) => count + 1),
    )
  })

  test('each reads those of his own place', async () => {
    await using world = await openWorld()
    const tenantsSeenBy = async (account: typeof OPERATOR) => {
      const { data } = await world.execute(
        await world.as(account),
        `{ securityEvents(first: 100, orderBy: [{ field: AT, direction: ASC }]) { edges { node { tenantId } } } }`,
      )
      const { edges } = data.securityEvents as { edges: { node: { tenantId: string | null } }[] }
      return new Set(edges.map(({ node }) => node.tenantId))
    }
    expect(await tenantsSeenBy(ACME_ADMIN)).toEqual(new Set([ACME]))
    expect(await tenantsSeenBy(GLOBEX_ADMIN)).toEqual(new Set([GLOBEX]))
    expect(await tenantsSeenBy(OPERATOR)).toEqual(new Set([null, ACME, GLOBEX]))
    const member = await world.execute(
      await world.as(ACME_MEMBER),
      `{ securityEvents { edges { cursor } } }`,
    )
    expect(member.errors?.[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })

  test('figures by kind', async () => {
    await using world = await openWorld()
    const { data } = await world.execute(
      await world.as(OPERATOR),
      `{ securityEventAggregates(groupBy: [EVENT_TYPE]) { group count } }`,
    )
    expect(data.securityEventAggregates).toContainEqual({
      group: { eventType: 'user.created' },
      count: 6,
    })
  })
})

describe('live security events', () => {
  test('a tenant follows its own, from where it stopped', async () => {
    await using world = await openWorld()
    const admin = await world.as(ACME_ADMIN)
    const [guildId, email] = [ACME_GUILD, GLOBEX_ADMIN.email]
    await world.execute(admin, ADD, { input: { guildId, email } })
    const stream = follow(world, admin, FROM_BEGINNING)
    const added = await nextOf(stream, 'member.added')
    expect(added.data?.securityEventHappened).toMatchObject({ tenantId: ACME })
    await stream.return(undefined)
    await world.as({ ...GLOBEX_ADMIN, tenantId: GLOBEX })
    await world.as({ ...ACME_MEMBER, tenantId: ACME })
    const resumed = follow(world, admin, { resume: added.extensions?.cursor })
    const next = (await resumed.next()).value as Next
    expect(next.data?.securityEventHappened).toMatchObject({
      eventType: 'sign-in.succeeded',
      tenantId: ACME,
    })
    await resumed.return(undefined)
  })

  test('a cursor of another feed and a reach of nothing are refused', async () => {
    await using world = await openWorld()
    const operator = await world.as(OPERATOR)
    const stream = follow(world, operator, FROM_BEGINNING)
    const cursor = (await nextOf(stream, 'sign-in.succeeded')).extensions?.cursor
    await stream.return(undefined)
    const admin = await world.as(ACME_ADMIN)
    const codeOf = async (viewer: Viewer, resume?: string) => {
      const { value } = await follow(world, viewer, resume ? { resume } : {}).next()
      return (value as Next | undefined)?.errors?.[0]?.extensions.code
    }
    expect(await codeOf(admin, cursor)).toBe('CURSOR_FOREIGN')
    const nowhere: Viewer = { ...admin, reach: { kind: 'none' } }
    expect(await codeOf(nowhere)).toBe('SECURITY_FEED_NEEDS_REACH')
    expect(await codeOf(await world.as(ACME_MEMBER))).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  })
})

import type { ExecutionResult } from 'graphql'
import { expect, test } from 'vitest'
import { maskError } from '#kernel/graphql/mask-error.ts'
import { silentLog } from '../../kit/database.ts'
import { openSeeded, VIEWERS, type World, without } from './tenancy-kit.ts'

const FOLLOW = `subscription {
  tenancyChanged(tenantId: "1") { type seq targetType targetId details tenant { code } guild { name } }
}`

type Stream = AsyncIterableIterator<ExecutionResult>

const isStream = (result: unknown): result is Stream =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
type News = any

async function nextOf(stream: Stream): Promise<News> {
  const { value } = await stream.next()
  return (value as { data: { tenancyChanged: News } }).data.tenancyChanged
}

async function followAs(world: World, viewer = VIEWERS.acmeAdmin, resume: string | null = null) {
  const { result, stop } = await world.follow(viewer, FOLLOW, resume)
  if (!isStream(result)) {
    const [error] = (result as ExecutionResult).errors ?? []
    return { code: maskError(error, silentLog).extensions.code, stop }
  }
  return { stream: result, stop }
}

const rename = (name: string) =>
  `mutation { updateTenant(input: { tenantId: "1", name: "${name}" }) { id } }`
const REGISTER = `mutation {
  registerGuild(input: { tenantId: "1", guildId: "900000000000000001", name: "Third" }) { id }
}`

test('a tenant follows its own changes live', async () => {
  await using world = await openSeeded()
  const { stream, stop } = await followAs(world)
  if (!stream) throw new Error('no stream')
  await world.as('acmeAdmin')(REGISTER)
  expect(await nextOf(stream)).toMatchObject({
    type: 'guild.registered',
    targetType: 'guild',
    targetId: '900000000000000001',
    tenant: { code: 'acme' },
    guild: { name: 'Third' },
  })
  await world.as('operator')(rename('Acme Two'))
  expect(await nextOf(stream)).toMatchObject({
    type: 'tenant.updated',
    details: { changed: ['name'] },
    guild: null,
  })
  stop()
})

test('a feed goes on after the cursor that a client saw, without gap or double', async () => {
  await using world = await openSeeded()
  const stop = new AbortController()
  const seen = await world.events.open('tenancy:1', { tenantId: '1', signal: stop.signal })
  await world.as('operator')(rename('One'))
  const { value: first } = await seen.next()
  if (!first) throw new Error('no event')
  stop.abort()
  await world.as('operator')(rename('Two'))
  await world.as('operator')(rename('Three'))
  const { stream, stop: end } = await followAs(world, VIEWERS.acmeAdmin, first.cursor)
  if (!stream) throw new Error('no stream')
  expect((await nextOf(stream)).seq).toBe(first.seq + 1)
  expect((await nextOf(stream)).seq).toBe(first.seq + 2)
  end()
})

test('nobody follows another tenant, or a tenant from within a guild, or without the scope', async () => {
  await using world = await openSeeded()
  const codeOf = async (viewer: typeof VIEWERS.acmeAdmin) => (await followAs(world, viewer)).code
  expect(await codeOf(VIEWERS.globexAdmin)).toBe('TENANT_NOT_FOUND')
  expect(await codeOf(VIEWERS.reachless)).toBe('TENANT_NOT_FOUND')
  expect(await codeOf(VIEWERS.acmeGuildAdmin)).toBe('TENANT_WIDE')
  expect(await codeOf(without(VIEWERS.acmeAdmin, 'tenants:read'))).toBe(
    'UNAUTHORIZED_FIELD_OR_TYPE',
  )
})

test('a cursor of another tenant’s feed is refused', async () => {
  await using world = await openSeeded()
  const stop = new AbortController()
  const { signal } = stop
  const asGlobex = { after: 'beginning', tenantId: '2', signal }
  const other = await world.events.open('tenancy:2', asGlobex)
  const { value } = await other.next()
  stop.abort()
  const cursor = value?.cursor ?? null
  expect((await followAs(world, VIEWERS.acmeAdmin, cursor)).code).toBe('CURSOR_FOREIGN')
  // Not even where the names of the topics could be mistaken for each other.
  const mistaken = { after: cursor, tenantId: '1', signal: new AbortController().signal }
  await expect(world.events.open('tenancy:2', mistaken)).rejects.toMatchObject({
    code: 'CURSOR_FOREIGN',
  })
})

test('news whose scope the follower lacks is passed over', async () => {
  await using world = await openSeeded()
  const { stream, stop } = await followAs(world, without(VIEWERS.acmeAdmin, 'guilds:read'))
  if (!stream) throw new Error('no stream')
  await world.as('acmeAdmin')(REGISTER)
  await world.as('operator')(rename('Acme Two'))
  expect((await nextOf(stream)).type).toBe('tenant.updated')
  stop()
})

test('a quota that reaches 80 and 100 percent is news, each once', async () => {
  await using world = await openSeeded()
  const { stream, stop } = await followAs(world)
  if (!stream) throw new Error('no stream')
  const use = (key: string, amount: number) =>
    world.as('acmeAdmin')(`mutation { useQuota(input: {
      tenantId: "1", resource: "seats", amount: "${amount}", idempotencyKey: "${key}"
    }) { used } }`)
  await use('first-use', 39)
  await use('second-use', 1)
  await use('third-use', 5)
  await use('fourth-use', 5)
  const percents = [await nextOf(stream), await nextOf(stream)]
  expect(percents).toMatchObject([
    { type: 'quota.warned', targetId: 'seats', details: { percent: 80 } },
    { type: 'quota.warned', targetId: 'seats', details: { percent: 100 } },
  ])
  stop()
})

test('the tenant that a guild leaves learns that it left, not where to', async () => {
  await using world = await openSeeded()
  const { stream, stop } = await followAs(world)
  if (!stream) throw new Error('no stream')
  await world.as('operator')(
    'mutation { moveGuild(input: { guildId: "81384788765712385", toTenantId: "2" }) { id } }',
  )
  expect(await nextOf(stream)).toMatchObject({ type: 'guild.left', guild: null, details: {} })
  stop()
})

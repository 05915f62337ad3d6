import { expect, test } from 'vitest'
import { ACME_CLUB, ACME_GUILD, placeGuilds } from '../compliance-kit.ts'
import { append, follow, openAudit, recordOf, take, type World } from './audit-kit.ts'

const query =
  'subscription { auditLogAppended { id seq action resourceId guild { id } client { ip } } }'

const act = (id: string, parts = {}) => recordOf({ resource: { type: 'bet', id }, ...parts })

const openStarted = async (): Promise<World> => {
  const world = await openAudit()
  await placeGuilds(world)
  await world.service.start()
  return world
}

const payFor = ({ deliver }: World) =>
  deliver(
    'paid',
    'guild.updated',
    { guildId: ACME_GUILD, tenantId: '1', enterpriseFeatures: true },
    'tenancy',
  )

const idsIn = (answers: Awaited<ReturnType<typeof take>>) =>
  answers.map(({ data }) => data.auditLogAppended.resourceId)

test('entries come in the order of the chain, each once, a batch at a time', async () => {
  await using world = await openStarted()
  const stream = await follow(world, 'acmeAdmin', { query })
  await append(world, [act('1'), act('2', { tenantId: '2' }), act('3')])
  await append(world, [act('4', { client: { ip: '203.0.113.9', userAgent: null } })])
  const taken = await take(stream, 3)
  await stream.return(undefined)
  expect(taken.map(({ data }) => data.auditLogAppended)).toMatchObject([
    { seq: '1', resourceId: '1', client: null },
    { seq: '2', resourceId: '3' },
    { seq: '3', resourceId: '4', client: { ip: '203.0.113.9' } },
  ])
})

test('a follower who comes back goes on after the cursor, without gap or double', async () => {
  await using world = await openStarted()
  const first = await follow(world, 'acmeAdmin', { query })
  await append(world, [act('1'), act('2')])
  const [seen] = await take(first, 1)
  await first.return(undefined)
  await append(world, [act('3')])
  const again = await follow(world, 'acmeAdmin', { query, resume: seen?.cursor ?? null })
  await append(world, [act('4')])
  expect(idsIn(await take(again, 3))).toEqual(['2', '3', '4'])
  await again.return(undefined)
})

test('what a killed process had not told yet, the next one tells', async () => {
  await using world = await openAudit()
  await append(
    world,
    Array.from({ length: 100 }, (_, index) => act(`${index + 1}`)),
  )
  await append(world, [act('101')])
  const stream = await follow(world, 'acmeAdmin', { query })
  await world.service.start()
  expect(idsIn(await take(stream, 101)).at(-1)).toBe('101')
  await stream.return(undefined)
})

test('a guild follows its own entries alone, where it pays for that', async () => {
  await using world = await openStarted()
  const refused = await take(await follow(world, 'acmeGuildAdmin', { query }), 1)
  expect(refused[0]?.codes).toEqual(['AUDIT_FEATURE_NOT_INCLUDED'])
  await payFor(world)
  const stream = await follow(world, 'acmeGuildAdmin', { query })
  await append(world, [
    act('1'),
    act('2', { guildId: ACME_CLUB }),
    act('3', { guildId: ACME_GUILD }),
  ])
  expect(idsIn(await take(stream, 1))).toEqual(['3'])
  await stream.return(undefined)
})

test('the platform follows its own or any tenant; others not', async () => {
  await using world = await openStarted()
  const ofTenant = query.replace('Appended', 'Appended(tenantId: "1")')
  const own = await follow(world, 'operator', { query })
  const tenant = await follow(world, 'operator', { query: ofTenant })
  await append(world, [act('1'), act('2', { tenantId: null })])
  expect(idsIn(await take(own, 1))).toEqual(['2'])
  expect(idsIn(await take(tenant, 1))).toEqual(['1'])
  await Promise.all([own.return(undefined), tenant.return(undefined)])
  for (const who of ['globexAdmin', 'reachless'] as const) {
    const [answer] = await take(await follow(world, who, { query: ofTenant }), 1)
    expect(answer?.codes).toEqual(['AUDIT_CHAIN_NOT_FOUND'])
  }
})

test('following is told once where it begins, in guilds that have their reads logged', async () => {
  await using world = await openStarted()
  const logged = { guildId: ACME_GUILD, tenantId: '1', auditLogging: true }
  await world.deliver('logged', 'guild.updated', logged, 'tenancy')
  const stream = await follow(world, 'acmeAdmin', { query })
  await append(world, [act('1', { guildId: ACME_GUILD }), act('2', { guildId: ACME_GUILD })])
  await take(stream, 2)
  await stream.return(undefined)
  const told = (await world.audited()).filter(({ action }) => action.startsWith('audit.'))
  expect(told).toMatchObject([{ action: 'audit.followed', guildId: ACME_GUILD }])
})

import { expect, test } from 'vitest'
import {
  announcementJob,
  createGuildAnnouncement,
} from '#subgraphs/tenancy/services/guild-announcement.ts'
import {
  ACME_CLUB,
  ACME_GUILD,
  GLOBEX_GUILD,
  openSeeded,
  VIEWERS,
  type World,
} from './tenancy-kit.ts'

const KEEPERS = ['identity', 'ai', 'compliance', 'analytics']

const announce = ({ deps }: World, signal = new AbortController().signal) =>
  createGuildAnnouncement(deps)({ payload: {}, signal, attempt: 1, progress: async () => {} })

const announced = async (world: World, keeper: string) =>
  (await world.messages(keeper)).filter(({ kind }) => kind === 'guild.announced')

test('every guild that stands is announced once to every keeper, as it stands', async () => {
  await using world = await openSeeded()
  await announce(world)
  await announce(world)
  for (const keeper of KEEPERS) {
    expect((await announced(world, keeper)).map(({ payload }) => payload)).toEqual([
      {
        ...{ guildId: ACME_GUILD, tenantId: '1' },
        ...{ enterpriseFeatures: true, complianceMode: false, auditLogging: true },
      },
      ...[
        { guildId: ACME_CLUB, tenantId: '1' },
        { guildId: GLOBEX_GUILD, tenantId: '2' },
      ].map((place) => ({
        ...place,
        ...{ enterpriseFeatures: false, complianceMode: false, auditLogging: false },
      })),
    ])
  }
})

test('an announcement that was broken off is finished by the next', async () => {
  await using world = await openSeeded()
  const stop = new AbortController()
  const broken = createGuildAnnouncement(world.deps)({
    payload: {},
    signal: stop.signal,
    attempt: 1,
    progress: async () => stop.abort(),
  })
  await expect(broken).rejects.toThrow('aborted')
  expect(await announced(world, 'ai')).toHaveLength(1)
  await announce(world)
  expect(await announced(world, 'ai')).toHaveLength(3)
})

test('more guilds than one look finds are all announced', async () => {
  await using world = await openSeeded()
  const { guilds } = world.contextOf(VIEWERS.operator)
  for (let n = 1; n <= 205; n++) {
    await guilds.register({ tenantId: '2', guildId: `9000000000000${1_000 + n}`, name: `G${n}` })
  }
  await announce(world)
  const ids = (await announced(world, 'compliance')).map(({ payload }) => payload.guildId)
  expect(new Set(ids).size).toBe(208)
  expect(ids).toHaveLength(208)
})

test('the job has one name, so that every start asks for the same one', () => {
  expect(announcementJob).toEqual({
    kind: 'guilds.announce',
    payload: {},
    uniqueKey: 'guilds.announce:1',
  })
})

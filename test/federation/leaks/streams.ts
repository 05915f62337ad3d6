import { type EventStream, openEventStream } from '../../kit/live-clients.ts'
import { PEOPLE, type TestPlatform } from '../../kit/platform.ts'
import type { Asker } from '../leak-matrix.ts'
import { type ForeignWorld, take } from './foreign-world.ts'
import { foreignTexts, type Leak } from './judge.ts'
import { rootFieldsOf } from './operations.ts'

/** What one asker's streams brought. */
export type StreamOutcome = { asker: string; streams: number; events: number; leaks: Leak[] }

type Opened = { asker: string; name: string; variables: object; stream: EventStream }

const SENTINEL = 'sentinel.flag'

/** Every subscription with its own tenant and with the foreign one, where it takes a tenant. */
function questions(platform: TestPlatform, { foreign, own }: ForeignWorld) {
  const fields = rootFieldsOf(platform.local.supergraph.current().apiSchema)
  return fields
    .filter(({ root }) => root === 'Subscription')
    .flatMap(({ name, field, document }) => {
      const takesTenant = field.args.some((argument) => argument.name === 'tenantId')
      const tenants = takesTenant ? [...foreign.tenant, ...own.tenant] : [null]
      return tenants.map((tenantId) => ({
        name,
        document,
        variables: tenantId === null ? {} : { tenantId },
      }))
    })
}

async function openStreams(platform: TestPlatform, asker: Asker, world: ForeignWorld) {
  const token = await asker.token()
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const opened: Opened[] = []
  for (const { name, document, variables } of questions(platform, world)) {
    const stream = await openEventStream(platform.url, { query: document, variables }, headers)
    opened.push({ asker: asker.name, name, variables, stream })
  }
  return opened
}

/** Something happens in the foreign tenant: news of tenancy and of identity. */
async function stirForeign(platform: TestPlatform, { admin, foreign }: ForeignWorld) {
  const ask = await platform.as(admin)
  const [guildId] = foreign.guild
  await take(ask, 'mutation Up($i: UpdateGuildInput!) { updateGuild(input: $i) { id } }', {
    i: { guildId, name: 'zqforeign guild renamed' },
  })
  await take(ask, 'mutation Role($i: CreateRoleInput!) { createRole(input: $i) { id } }', {
    i: { name: 'zqforeign role of now', permissions: ['odds:read'] },
  })
}

/** Something happens at home, by which one sees that the streams run. */
async function stirOwn(platform: TestPlatform) {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const flag = { tenantId: '1', key: SENTINEL, isEnabled: true, description: 'The last to come.' }
  await take(ask, 'mutation Flag($i: SetFeatureFlagInput!) { setFeatureFlag(input: $i) { id } }', {
    i: flag,
  })
  await take(ask, 'mutation Role($i: CreateRoleInput!) { createRole(input: $i) { id } }', {
    i: { name: 'sentinel', permissions: ['odds:read'] },
  })
}

async function untilSeen(what: string, isSeen: () => boolean): Promise<void> {
  const end = Date.now() + 10_000
  while (!isSeen()) {
    if (Date.now() > end) throw new Error(`the streams did not bring ${what}`)
    await new Promise((resume) => setTimeout(resume, 10))
  }
}

const textOf = ({ stream }: Opened) => JSON.stringify(stream.events)

const of = (opened: readonly Opened[], asker: string) => opened.filter((one) => one.asker === asker)

/** Refusals too are told on the stream; they bring nothing. */
function hasData({ data }: EventStream['events'][number]): boolean {
  const values = Object.values((data as { data?: object | null } | null)?.data ?? {})
  return values.some((value) => value !== null)
}

function outcomeOf(opened: readonly Opened[], asker: string, ids: ReadonlySet<string>) {
  const own = of(opened, asker)
  return {
    asker,
    streams: own.length,
    events: own.reduce((sum, { stream }) => sum + stream.events.filter(hasData).length, 0),
    leaks: own.flatMap(({ name, variables, stream }) =>
      foreignTexts(stream.events, variables, ids).map((leak) => ({ ...leak, where: name })),
    ),
  }
}

/**
 * Opens every subscription as every asker and as `control`, who may see all; lets things happen
 * in the foreign tenant and then at home. It ends when `control` saw the former and `home` the latter.
 */
export async function runStreamMatrix(
  platform: TestPlatform,
  { world, askers, control, home }: StreamOptions,
): Promise<StreamOutcome[]> {
  const opened: Opened[] = []
  try {
    for (const asker of [...askers, control]) {
      opened.push(...(await openStreams(platform, asker, world)))
    }
    const watched = of(opened, control.name)
    await stirForeign(platform, world)
    await untilSeen('foreign news', () => watched.some((one) => /renamed/.test(textOf(one))))
    await stirOwn(platform)
    const mine = of(opened, home.name)
    await untilSeen('own news', () => mine.some((one) => textOf(one).includes(SENTINEL)))
    await untilSeen('own rights', () => mine.some((one) => /role\.created/.test(textOf(one))))
    return [...askers, control].map(({ name }) => outcomeOf(opened, name, world.belonging.ids))
  } finally {
    for (const { stream } of opened) stream.cancel()
  }
}

/** Who listens. */
export type StreamOptions = {
  world: ForeignWorld
  askers: readonly Asker[]
  /** Sees everything. */
  control: Asker
  /** The asker who sees what happens at home. */
  home: Asker
}

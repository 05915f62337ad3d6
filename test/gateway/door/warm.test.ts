import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { SettingsOverride } from '#gateway/settings.ts'
import { explodingQuery, explodingSubgraphs } from '../../kit/exploding-world.ts'
import { startStandaloneWorld, type WorldOptions } from '../../kit/gateway.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function manifestOf(documents: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'))
  folders.push(folder)
  const file = join(folder, 'documents.json')
  await writeFile(file, JSON.stringify(documents))
  return file
}

const openWorld = (settings: SettingsOverride = {}, options: WorldOptions['options'] = {}) =>
  startStandaloneWorld({ subgraphs: explodingSubgraphs(), settings, options })

type World = Awaited<ReturnType<typeof openWorld>>

const plansOf = ({ gateway }: World) => gateway.supergraph.current().plans

/** How many plans it takes to answer. */
async function plannedFor(world: World, query: string): Promise<number> {
  const before = plansOf(world).asked
  const { body } = await world.ask(query)
  expect(body.errors).toBeUndefined()
  return plansOf(world).asked - before
}

const linesOf = ({ logged }: World, message: string) =>
  logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === message)

describe('a swap', () => {
  test('has planned what is asked most before it takes effect, and nothing else', async () => {
    await using world = await openWorld({ planning: { warmOperations: 2 } })
    for (const query of ['{ north }', '{ east }', '{ east }', '{ south }', '{ south }'])
      await world.ask(query)
    const old = world.gateway.supergraph.current()
    await world.gateway.supergraph.swap(`${world.sdl}\n# another version`)
    expect(world.gateway.supergraph.current()).not.toBe(old)
    expect(plansOf(world).asked).toBe(2)
    expect(await plannedFor(world, '{ east }')).toBe(0)
    expect(await plannedFor(world, '{ south }')).toBe(0)
    expect(await plannedFor(world, '{ north }')).toBe(1)
  })

  test('leaves out what the new version does not know', async () => {
    await using world = await openWorld()
    await world.ask('{ north }')
    await world.ask('{ east }')
    const withoutEast = world.sdl.replace(/\n\s*east: Int @join__field\(graph: EAST\)/g, '')
    expect(withoutEast).not.toBe(world.sdl)
    await world.gateway.supergraph.swap(withoutEast)
    expect(linesOf(world, 'operations were planned ahead')).toMatchObject([
      { planned: 1, dropped: 1, left: 0 },
    ])
    expect(await plannedFor(world, '{ north }')).toBe(0)
    const { body } = await world.ask('{ east }')
    expect(body.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  })

  test('what was asked often long ago is planned over several swaps, and gives way', async () => {
    await using world = await openWorld({ planning: { warmOperations: 1 } })
    for (const query of ['{ north }', '{ north }', '{ north }']) await world.ask(query)
    await world.gateway.supergraph.swap(`${world.sdl}\n# second`)
    await world.gateway.supergraph.swap(`${world.sdl}\n# third`)
    expect(await plannedFor(world, '{ north }')).toBe(0)
    for (const query of ['{ east }', '{ east }', '{ east }']) await world.ask(query)
    await world.gateway.supergraph.swap(`${world.sdl}\n# fourth`)
    expect(await plannedFor(world, '{ east }')).toBe(0)
    expect(await plannedFor(world, '{ north }')).toBe(1)
  })

  test('does not wait longer than it may for what takes long to plan', async () => {
    await using world = await openWorld({ planning: { warmMs: 200, deadlineMs: 20_000 } })
    await world.ask('{ north }')
    await world.ask(explodingQuery())
    await world.ask('{ east }')
    await world.gateway.supergraph.swap(`${world.sdl}\n# another version`)
    const [line] = linesOf(world, 'operations were planned ahead')
    expect(line.left).toBeGreaterThan(0)
    expect(line.planned + line.left).toBe(3)
    expect((await world.ask('{ east }')).body).toEqual({ data: { east: 1 } })
  })

  test('plans nothing ahead where that is switched off', async () => {
    await using world = await openWorld({ planning: { warmMs: 0 } })
    await world.ask('{ north }')
    await world.gateway.supergraph.swap(`${world.sdl}\n# another version`)
    expect(plansOf(world).asked).toBe(0)
  })
})

describe('documents that are known', () => {
  const documents = {
    one: '{ north }',
    two: 'query A { east } query B { south }',
    lost: '{ gone }',
  }

  test('are planned before the gateway is ready, each operation of them', async () => {
    const documentsFile = await manifestOf(documents)
    await using world = await openWorld({}, { documentsFile })
    await expect.poll(() => world.gateway.supergraph.isWarm()).toBe(true)
    expect(plansOf(world).asked).toBe(3)
    expect(await plannedFor(world, '{ north }')).toBe(0)
    expect(linesOf(world, 'operations were planned ahead')).toMatchObject([
      { what: 'documents', planned: 2, dropped: 1, left: 0 },
    ])
  })

  test('and keep it from being ready until they are, while it answers', async () => {
    const documentsFile = await manifestOf({ slow: explodingQuery() })
    await using world = await openWorld({ planning: { deadlineMs: 20_000 } }, { documentsFile })
    const ready = await fetch(`${world.url}/ready`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'not ready', checks: { plans: false } })
    expect((await world.ask('{ north }')).body).toEqual({ data: { north: 1 } })
    await expect
      .poll(async () => (await fetch(`${world.url}/ready`)).status, { timeout: 30_000 })
      .toBe(200)
    expect(await plannedFor(world, explodingQuery())).toBe(0)
  })

  test('but no longer than it may take, and not past its end', async () => {
    const documentsFile = await manifestOf({ slow: explodingQuery() })
    const settings = { planning: { deadlineMs: 20_000, warmMs: 100 } }
    await using world = await openWorld(settings, { documentsFile })
    await expect.poll(async () => (await fetch(`${world.url}/ready`)).status).toBe(200)
    expect(linesOf(world, 'operations were planned ahead')).toMatchObject([{ left: 1 }])
    const patient = { planning: { deadlineMs: 20_000, warmMs: 600_000 } }
    const closing = await openWorld(patient, { documentsFile })
    await closing[Symbol.asyncDispose]()
    expect(linesOf(closing, 'operations were planned ahead')).toMatchObject([{ left: 1 }])
  })

  test('are planned for each new version', async () => {
    const documentsFile = await manifestOf(documents)
    await using world = await openWorld({}, { documentsFile })
    await expect.poll(() => world.gateway.supergraph.isWarm()).toBe(true)
    await world.gateway.supergraph.swap(`${world.sdl}\n# another version`)
    expect(await plannedFor(world, '{ north }')).toBe(0)
  })
})

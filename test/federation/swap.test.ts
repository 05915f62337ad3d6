import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createGateway, type Gateway } from '#gateway/server.ts'
import { gatewaySettings } from '#gateway/settings.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import { plannerProcesses } from '../kit/planner-processes.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { untilAnswer } from './world.ts'

const SUPERGRAPH = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url))
const QUESTION =
  '{ guilds(first: 1) { edges { node { name members(first: 1) { edges { cursor } } } } } }'

/** Another gateway before the same subgraphs, with a supergraph file of its own. */
async function openGateway(platform: TestPlatform, file: string) {
  const logged: string[] = []
  const { services, serviceKeys, fetchOf } = platform.local.platform
  const gateway = await createGateway({
    processes: plannerProcesses,
    supergraph: { file },
    settings: gatewaySettings({ live: { drainMs: 0 } }),
    clock: systemClock,
    randomness: systemRandomness,
    log: createLog({
      level: 'info',
      name: 'swap',
      destination: { write: (line) => void logged.push(line) },
    }),
    platform: {
      serviceKeys,
      identity: { url: 'http://identity.local', fetch: fetchOf('identity') },
      issuer: 'dbsbm',
      audience: 'dbsbm-gateway',
    },
    localSubgraphs: Object.fromEntries(services.map(({ name, fetch }) => [name, fetch])),
  })
  return { gateway, logged }
}

async function ask(gateway: Gateway, token: string) {
  const response = await gateway.fetch(
    new Request('http://gateway.local/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: QUESTION }),
    }),
  )
  return response.json() as Promise<{ errors?: unknown; data: { guilds: object } }>
}

test('a supergraph that does not compose is refused while requests run, and none of them fails', async () => {
  await using platform = await startPlatform()
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-swap-'))
  const file = join(folder, 'supergraph.graphql')
  const good = await readFile(SUPERGRAPH, 'utf8')
  const replace = async (sdl: string) => {
    await writeFile(`${file}.next`, sdl)
    await rename(`${file}.next`, file)
  }
  await replace(good)
  const { gateway, logged } = await openGateway(platform, file)
  const token = await platform.tokenOf(PEOPLE.acmeAdmin)
  const { version } = gateway.supergraph.current()
  const failures: unknown[] = []
  let asked = 0
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const { errors } = await ask(gateway, token)
      asked += 1
      if (errors) failures.push(errors)
      // Without a socket nothing here waits: files and timers would never get their turn.
      await new Promise(setImmediate)
    }
  })()
  const refusals = () => logged.filter((line) => line.includes('SUPERGRAPH_INVALID')).length
  const broken = [
    good.slice(0, good.length / 2),
    good.replace('members(', 'members: Nobody members('),
    good.replaceAll('type Guild', 'type Gild'),
  ]
  for (const [index, sdl] of broken.entries()) {
    await replace(sdl)
    await untilAnswer(
      async () => refusals(),
      (count) => count > index,
    )
    expect(gateway.supergraph.current().version).toBe(version)
  }
  await replace(`# the next one\n${good}`)
  await untilAnswer(
    async () => gateway.supergraph.current().version,
    (current) => current !== version,
  )
  const before = asked
  await untilAnswer(
    async () => asked,
    (count) => count > before + 2,
  )
  isOver = true
  await asking
  expect(failures).toEqual([])
  await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

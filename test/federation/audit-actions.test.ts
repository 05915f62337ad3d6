import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuditLog } from '#subgraphs/compliance/entities/audit-log.ts'
import { collectAuditActions } from '../../scripts/pages/audit-actions-page.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { plantForeignWorld } from './leaks/foreign-world.ts'
import { openGames } from './leaks/games.ts'
import { untilQuiet } from './world.ts'

const LONGEST_MS = 600_000

let platform: TestPlatform
beforeAll(async () => {
  platform = await startPlatform()
  await using games = await openGames(platform, await platform.as(PEOPLE.operator))
  await plantForeignWorld(platform, games)
  await untilQuiet(platform)
}, LONGEST_MS)
afterAll(() => platform[Symbol.asyncDispose]())

test('what a tenant’s life leaves in the audit log is declared, with the names of its details', async () => {
  const compliance = platform.local.platform.services.find(({ name }) => name === 'compliance')
  const entries = (await compliance?.database.acrossTenants().find(AuditLog, {})) ?? []
  const domains = await collectAuditActions()
  const declared = new Map(
    domains.flatMap(({ domain, actions }) =>
      Object.entries(actions).map(([name, { details }]) => [
        `${domain.split('/').at(-1)}: ${name}`,
        details,
      ]),
    ),
  )
  const seen = entries.map(({ source, action, details }) => ({
    name: `${source}: ${action}`,
    details: Object.keys(details),
  }))
  expect(new Set(seen.map(({ name }) => name)).size).toBeGreaterThan(25)
  const unknown = seen.flatMap(({ name, details }) =>
    details
      .filter((detail) => !declared.get(name)?.includes(detail))
      .concat(declared.has(name) ? [] : ['(the action itself)'])
      .map((detail) => `${name}: ${detail}`),
  )
  expect([...new Set(unknown)].sort()).toEqual([])
})

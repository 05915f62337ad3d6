import { expect, test } from 'vitest'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { systemClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { transactional } from '#kernel/db/database.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { acrossTenantsPlaceGuild } from '#kernel/guilds/guild-deliveries.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { openService } from '#kernel/serve/open-service.ts'
import { Clearance } from '#subgraphs/compliance/entities/clearance.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { silentLog } from '../../../kit/database.ts'
import { ACME_GUILD } from '../analytics-kit.ts'
import { eur, type GuildSettings, openLedger } from './ledger-kit.ts'

/** Compliance itself, which knows the guild, beside analytics. */
async function openBoth(settings: GuildSettings) {
  await using stack = new AsyncDisposableStack()
  const keeper = await openService({
    subgraph: compliance,
    databaseUrl: 'sqlite::memory:',
    front: createRingFront(),
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    serviceKeys: deriveServiceKeys(Buffer.alloc(32, 7)),
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator'))),
    oddsFeed: { kind: 'none' },
    resolve: () => {
      throw new Error('compliance asks nobody here')
    },
    receivers: [],
  })
  stack.defer(() => keeper.stop(1_000))
  const { complianceMode = false } = settings
  const guild = { guildId: ACME_GUILD, tenantId: '1', complianceMode }
  await transactional(keeper.database.acrossTenants(), (tx) =>
    acrossTenantsPlaceGuild(tx, { ...guild, enterpriseFeatures: false, auditLogging: false }),
  )
  const world = stack.use(
    await openLedger({
      guild: settings,
      resolve: () => ({ url: 'http://compliance.local', fetch: keeper.fetch }),
      receivers: ['compliance'],
    }),
  )
  const kept = stack.move()
  return {
    world,
    clearances: () => keeper.database.acrossTenants().find(Clearance, {}),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

test('compliance itself says yes, and hears what its yes was used for', async () => {
  await using both = await openBoth({})
  const { world, clearances } = both
  const accountId = await world.openAccount('player')
  const { data } = await world.act('cashier', 'deposit', { accountId, money: eur(500) })
  expect(await clearances()).toMatchObject([{ status: 'reserved', amount: 500n, userId: '21' }])
  await world.service.start()
  await expect
    .poll(clearances, { timeout: 20_000 })
    .toMatchObject([{ status: 'confirmed', resource: `transfer:${data.id}` }])
})

test('compliance itself says no where consent is missing, and nothing moves', async () => {
  await using both = await openBoth({ complianceMode: true })
  const { world, clearances } = both
  const accountId = await world.openAccount('player')
  const { codes, details } = await world.act('cashier', 'deposit', { accountId, money: eur(500) })
  expect(codes).toEqual(['COMPLIANCE_REFUSED'])
  expect(details).toEqual([{ reason: 'CONSENT_REQUIRED', purpose: 'terms', version: null }])
  expect(await world.moneyIn(accountId)).toEqual([0, 0, 0])
  expect(await clearances()).toMatchObject([{ answer: 'no', code: 'CONSENT_REQUIRED' }])
})

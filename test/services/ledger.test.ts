import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { Transfer } from '#subgraphs/analytics/entities/transfer.ts'
import { emptyMariadb } from '../kit/database.ts'
import { ACME_GUILD, userOf } from '../subgraphs/analytics/analytics-kit.ts'
import { describeConcurrency } from '../subgraphs/analytics/ledger/concurrency-suite.ts'
import { openLedger } from '../subgraphs/analytics/ledger/ledger-kit.ts'
import { refusesChanges } from '../subgraphs/analytics/ledger/refuses-changes.ts'

describeConcurrency('MariaDB', async () => {
  const empty = await emptyMariadb()
  const world = await openLedger({ databaseUrl: empty.url })
  return {
    ...world,
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]()
      await empty[Symbol.asyncDispose]()
    },
  }
})

test('MariaDB: entries of the ledger are neither changed nor taken away, and the schema has not drifted', async () => {
  await using empty = await emptyMariadb()
  await using world = await openLedger({ databaseUrl: empty.url })
  await world.fund(500)
  expect(await refusesChanges(world.database, 'ledger_entries')).toEqual({
    update: true,
    delete: true,
  })
  expect(await schemaDrift(world.database)).toEqual([])
})

test('MariaDB: the first bookings of forty people at once make the house’s accounts once', async () => {
  await using empty = await emptyMariadb()
  await using world = await openLedger({ databaseUrl: empty.url })
  const people = Array.from({ length: 40 }, (_unused, index) => String(200 + index))
  const reach = { kind: 'guild', tenantId: '1', guildId: ACME_GUILD } as const
  const ids = await Promise.all(
    people.map((userId) => world.openAccount(userOf(reach, ['bets:place'], userId))),
  )
  expect(new Set(ids).size).toBe(40)
  const deposits = await Promise.all(
    ids.map((accountId) =>
      world.act('cashier', 'deposit', { accountId, money: { amount: '10', currency: 'EUR' } }),
    ),
  )
  expect(deposits.flatMap(({ codes }) => codes)).toEqual([])
  expect(await world.database.acrossTenants().count(Transfer, {})).toBe(40)
  expect(await world.check()).toEqual([
    { currency: 'EUR', sum: '0', accounts: 120, broken: [], isWhole: true },
  ])
})

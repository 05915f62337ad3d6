import { expect, test } from 'vitest'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { Clearance } from '#subgraphs/compliance/entities/clearance.ts'
import { onMariadb } from '../kit/database.ts'
import {
  ACME_GUILD,
  consentsOf,
  give,
  openCompliance,
  placeGuilds,
  publish,
  VIEWERS,
  type World,
  withdraw,
} from '../subgraphs/compliance/compliance-kit.ts'

const openWorld = () =>
  onMariadb(
    (databaseUrl) => openCompliance({ databaseUrl }),
    (world: World) => world[Symbol.asyncDispose](),
  )

const twenty = Array.from({ length: 20 }, (_, index) => index)

test('MariaDB: the migrations bring an empty database of compliance to its entities', async () => {
  await using world = await openWorld()
  expect(await schemaDrift(world.database)).toEqual([])
})

test('MariaDB: twenty consents at once are one, audited once', async () => {
  await using world = await openWorld()
  await publish(world)
  const answers = await Promise.all(twenty.map(() => give(world, 'member')))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  expect(new Set(answers.map(({ data }) => data.giveConsent.id)).size).toBe(1)
  expect((await world.audited()).slice(1)).toHaveLength(1)
})

test('MariaDB: of twenty who agree and withdraw at once, one consent at most stands, and all is told', async () => {
  await using world = await openWorld()
  await publish(world)
  const acts = twenty.map((index) => (index % 2 === 0 ? give : withdraw))
  const answers = await Promise.all(acts.map((act) => act(world, 'member')))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents.filter(({ isStanding }) => isStanding).length).toBeLessThanOrEqual(1)
  const withdrawn = consents.filter(({ ending }) => ending === 'WITHDRAWN')
  expect((await world.audited()).slice(1)).toHaveLength(consents.length + withdrawn.length)
})

test('MariaDB: twenty withdrawals at once end a consent once', async () => {
  await using world = await openWorld()
  await publish(world)
  await give(world, 'member')
  const answers = await Promise.all(twenty.map(() => withdraw(world, 'member')))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  expect(answers.filter(({ data }) => data.withdrawConsent !== null)).toHaveLength(1)
  expect((await world.audited()).slice(2)).toHaveLength(1)
})

test('MariaDB: of twenty who publish one version at once, one does', async () => {
  await using world = await openWorld()
  const answers = await Promise.all(twenty.map(() => publish(world)))
  const codes = answers.flatMap((answer) => answer.codes)
  expect(codes).toEqual(Array.from({ length: 19 }, () => 'POLICY_VERSION_TAKEN'))
})

test('MariaDB: one question twenty times at once has one clearance', async () => {
  await using world = await openWorld()
  await placeGuilds(world)
  const facts = { userId: '4', tenantId: '1', guildId: ACME_GUILD, amount: '500', currency: 'EUR' }
  const body = { ...facts, idempotencyKey: 'bet-one' }
  const ask = () => world.send('/may-bet', { caller: 'analytics', viewer: VIEWERS.analytics, body })
  const answers = await Promise.all(twenty.map(async () => (await ask()).json()))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ answer: 'yes' })
  expect(await world.database.acrossTenants().count(Clearance, {})).toBe(1)
})

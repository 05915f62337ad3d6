import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDbsbm, type Dbsbm, DbsbmError } from '../../sdk/src/index.ts'
import { projectRoot } from '../arch/kit/tree.ts'
import { betOn, openAcmeBets } from '../federation/acme-bets.ts'
import { changed } from '../federation/world.ts'
import { type Account, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { SETUP_MS } from './sdk-world.ts'

const FOLDER = join(projectRoot, 'schema/operations')
const textOf = (name: string) => readFileSync(join(FOLDER, `${name}.graphql`), 'utf8')

let platform: TestPlatform
let world: Awaited<ReturnType<typeof openAcmeBets>>
const known = { fixtureId: '', betId: '', selectionId: '', odds: 0 }
beforeAll(async () => {
  platform = await startPlatform()
  world = await openAcmeBets(platform)
  const game = await world.games.open()
  const bet = await changed(world.member, 'placeBet', betOn(world.accountId, game, 'a-first-bet'))
  Object.assign(known, { ...game, betId: bet.id })
}, SETUP_MS)
afterAll(async () => {
  for (const client of clients.values()) await client.close()
  await world.games[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

type Row = [name: string, asker: Account | null, variables?: () => object]

const keyOf = async () => {
  const input = { name: 'a key to look at', scopes: ['odds:read'], tenantId: '1' }
  type Made = { createApiKey: { apiKey: { id: string } } }
  const made = await clientOf(admin).mutate<Made>(textOf('create-api-key'), { input })
  return made.createApiKey.apiKey.id
}

const { acmeMember: member, acmeAdmin: admin, acmeOfficer: officer, operator } = PEOPLE

const ANSWERED: Row[] = [
  ['api-keys', admin],
  ['audit-trail', officer],
  ['balances', member],
  ['bet', member, () => ({ id: known.betId })],
  ['bets', admin],
  ['betting-slip', member],
  ['competitions', member],
  [
    'create-api-key',
    admin,
    () => ({ input: { name: 'mine', scopes: ['bets:read'], tenantId: '1' } }),
  ],
  ['five-subgraphs', operator],
  ['fixture', member, () => ({ id: known.fixtureId })],
  ['fixtures', member, () => ({ first: 100 })],
  ['guild-board', operator],
  ['guilds', admin],
  ['my-bets', member, () => ({ first: 100 })],
  [
    'place-bet',
    member,
    () => ({ input: betOn(world.accountId, { name: '', ...known }, 'another-bet') }),
  ],
  ['quotas', admin],
  ['sign-in', null, () => ({ input: member })],
  ['tenants', operator],
]

/** With values that only come to be in the test itself. */
const BY_THEMSELVES = ['cash-out-bet', 'refresh-tokens', 'revoke-api-key', 'rotate-api-key-secret']

const FOLLOWED: Row[] = [
  ['bet-changes', member],
  ['fixture-changes', member],
  ['odds-changes', member],
  ['odds-moving', member],
  ['portfolio', member],
  ['security-events', operator],
]

/** One client for each person: passwords take their time. */
const clients = new Map<Account | null, Dbsbm>()
function clientOf(asker: Account | null): Dbsbm {
  const known = clients.get(asker)
  const client = known ?? createDbsbm({ url: platform.url, ...(asker && { credentials: asker }) })
  clients.set(asker, client)
  return client
}

describe('an operation that partners use', () => {
  test.each(ANSWERED)('is answered whole: %s', async (name, asker, variables = () => ({})) => {
    const client = clientOf(asker)
    const text = textOf(name)
    const ask = /^mutation/m.test(text) ? client.mutate : client.query
    const data = await ask<Record<string, unknown>>(text, { ...variables() })
    expect(Object.values(data)).not.toContain(null)
  })

  test.each(FOLLOWED)('is followed: %s', async (name, asker) => {
    const client = clientOf(asker)
    const live = Promise.withResolvers<void>()
    const onState = (state: string, failure: unknown) =>
      failure ? live.reject(failure) : state === 'live' && live.resolve()
    const feed = client.subscribe(textOf(name), {}, { onState })
    const first = feed.next().catch(live.reject)
    await live.promise
    // A refusal comes before the answer to what is asked after it.
    await client.query('{ __typename }')
    await feed.return()
    expect(await first).toMatchObject({ done: true })
  })

  test('may be a key that gets a new secret and is ended', async () => {
    const client = clientOf(admin)
    const input = { apiKeyId: await keyOf() }
    type Rotated = { rotateApiKeySecret: { text: string } }
    const rotated = await client.mutate<Rotated>(textOf('rotate-api-key-secret'), { input })
    expect(rotated.rotateApiKeySecret.text).toMatch(/^dsk_/)
    type Revoked = { revokeApiKey: { revokedAt: string } }
    const revoked = await client.mutate<Revoked>(textOf('revoke-api-key'), { input })
    expect(Date.parse(revoked.revokeApiKey.revokedAt)).toBeGreaterThan(0)
  })

  test('may be a session that goes on', async () => {
    const client = clientOf(null)
    type SignedIn = { signIn: { refreshToken: string } }
    const { signIn } = await client.mutate<SignedIn>(textOf('sign-in'), { input: member })
    const input = { refreshToken: signIn.refreshToken }
    type Refreshed = { refreshTokens: { accessToken: string } }
    const next = await client.mutate<Refreshed>(textOf('refresh-tokens'), { input })
    expect(next.refreshTokens.accessToken).toMatch(/\w/)
  })

  test('may end a bet for what it is worth, or hear that it is worth something else', async () => {
    const client = clientOf(member)
    type Open = { bet: { cashOutOffer: { amount: string } | null } }
    const { bet } = await client.query<Open>(textOf('bet'), { id: known.betId })
    const amount = bet.cashOutOffer?.amount ?? '1'
    const cashOut = (wanted: string, idempotencyKey: string) =>
      client.mutate<{ cashOutBet: { status: string } }>(textOf('cash-out-bet'), {
        input: { betId: known.betId, amount: wanted, idempotencyKey },
      })
    const refusal = await cashOut(`${amount}00`, 'too-much-for-it').catch((failure) => failure)
    expect(refusal).toBeInstanceOf(DbsbmError)
    expect(refusal.code).toMatch(/^CASH_OUT_(CHANGED|UNAVAILABLE)$/)
    if (bet.cashOutOffer) {
      const { cashOutBet } = await cashOut(amount, 'what-it-is-worth')
      expect(cashOutBet.status).toBe('CASHED_OUT')
    }
  })

  test('is tried here, each of them', () => {
    const tried = [...ANSWERED, ...FOLLOWED].map(([name]) => name).concat(BY_THEMSELVES)
    const names = readdirSync(FOLDER).map((file) => file.replace(/\.graphql$/, ''))
    expect(tried.sort()).toEqual(names.sort())
  })
})

import { inspect } from 'node:util'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { graphql } from '../../sdk/src/graphql.ts'
import {
  BalancesDocument,
  DbsbmError,
  FixturesDocument,
  type FixturesQuery,
  isDbsbmError,
  PlaceBetDocument,
} from '../../sdk/src/index.ts'
import { openAcmeBets } from '../federation/acme-bets.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { openSdkAt, refusalOf, SETUP_MS } from './sdk-world.ts'

let platform: TestPlatform
let world: Awaited<ReturnType<typeof openAcmeBets>>
beforeAll(async () => {
  platform = await startPlatform()
  world = await openAcmeBets(platform)
}, SETUP_MS)
afterAll(async () => {
  await world.games[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

const betOn = (selectionId: string, odds: number, key: string) => ({
  input: {
    accountId: world.accountId,
    stake: { amount: '500', currency: 'EUR' },
    legs: [{ selectionId, odds }],
    priceChange: 'EXACT' as const,
    idempotencyKey: key,
  },
})

describe('a question', () => {
  test('is answered as its document is typed, page by page', async () => {
    for (const _game of [1, 2, 3]) await world.games.open()
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const homes: string[] = []
    let after: string | null = null
    do {
      const { fixtures }: FixturesQuery = await client.query(FixturesDocument, { first: 2, after })
      expectTypeOf(fixtures?.edges[0]?.node.home).toEqualTypeOf<string | undefined>()
      homes.push(...(fixtures?.edges ?? []).map(({ node }) => node.home))
      after = fixtures?.pageInfo.hasNextPage ? fixtures.pageInfo.endCursor : null
    } while (after !== null)
    expect(homes).toEqual(expect.arrayContaining(['game 1 home', 'game 2 home', 'game 3 home']))
    expect(new Set(homes).size).toBe(homes.length)
  })

  test('may be a text, a document of codegen in any of its forms, or one typed by itself', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const text = 'query Me { me { displayName } }'
    const own = graphql('query Mine { me { displayName guildIds } }')
    const mine = await client.query(own)
    expectTypeOf(mine.me?.guildIds).toEqualTypeOf<string[] | undefined>()
    const me = { displayName: mine.me?.displayName }
    expect(me.displayName).toMatch(/\w/)
    expect(await client.query<{ me: { displayName: string } }>(text)).toEqual({ me })
    expect(await client.query(parse(text), {})).toEqual({ me })
    expect(await client.query(Object.assign(new String(text), {}), {})).toEqual({ me })
  })

  test.each([
    ['a change', 'mutation A { signOut(input: { refreshToken: "" }) { id } }'],
    ['a subscription', 'subscription { oddsChanged { odds } }'],
    ['two operations', 'query A { me { id } } query B { me { id } }'],
    ['a fragment alone', 'fragment F on User { id }'],
    ['nothing', ''],
    [
      'a change behind a fragment and a comment',
      'fragment F on User { id } # query\nmutation { a }',
    ],
  ])('that is %s is refused before it is sent', async (_what, text) => {
    await using client = openSdkAt(platform)
    expect(await refusalOf(client.query(text))).toMatchObject({ code: 'DOCUMENT_INVALID' })
    expect(client.sent).toEqual([])
  })

  test('of nobody is refused with the code and request id of the platform', async () => {
    await using client = openSdkAt(platform)
    const refusal = await refusalOf(client.query('{ tenants { edges { node { id } } } }'))
    expect(refusal).toBeInstanceOf(DbsbmError)
    expect(refusal).toMatchObject({
      code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      path: ['tenants'],
      requestId: expect.stringMatching(/./),
    })
  })

  test('that is answered in part throws, unless its asker takes parts', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const text = '{ me { displayName } tenants { edges { node { id } } } }'
    expect(await refusalOf(client.query(text))).toMatchObject({
      code: 'UNAUTHORIZED_FIELD_OR_TYPE',
    })
    const { data, failure } = await client.query<{ me: { displayName: string } }>(
      text,
      {},
      { partial: true },
    )
    expect(data?.me.displayName).toMatch(/\w/)
    expect(failure).toMatchObject({ code: 'UNAUTHORIZED_FIELD_OR_TYPE', path: ['tenants'] })
    const whole = await client.query('{ me { displayName } }', {}, { partial: true })
    expect(whole.failure).toBeNull()
  })
})

describe('a change', () => {
  test('is made once, however often it is sent under its key', async () => {
    const { selectionId, odds } = await world.games.open()
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const first = await client.mutate(PlaceBetDocument, betOn(selectionId, odds, 'sdk-bet-one'))
    const again = await client.mutate(PlaceBetDocument, betOn(selectionId, odds, 'sdk-bet-one'))
    expect(first.placeBet).toMatchObject({ status: 'OPEN', potentialPayout: { amount: '1000' } })
    expect(again).toEqual(first)
    const { me } = await client.query(BalancesDocument)
    expect(me?.accounts?.edges.map(({ node }) => node.balance.amount)).toEqual(['99500'])
  })

  test('at a price that is gone is refused, and its code narrows the failure', async () => {
    const { selectionId, odds } = await world.games.open()
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const bet = betOn(selectionId, odds + 100, 'sdk-bet-two')
    const refusal = await refusalOf(client.mutate(PlaceBetDocument, bet))
    expect(isDbsbmError(refusal, 'STAKE_INVALID')).toBe(false)
    if (!isDbsbmError(refusal, 'PRICE_CHANGED', 'PRICE_POLICY_REFUSED')) throw refusal
    expectTypeOf(refusal.code).toEqualTypeOf<'PRICE_CHANGED' | 'PRICE_POLICY_REFUSED'>()
    expect(refusal).toMatchObject({ code: 'PRICE_CHANGED', path: ['placeBet'] })
    expect(refusal.errors[0]?.extensions).toMatchObject({
      code: 'PRICE_CHANGED',
      currentOdds: odds,
    })
  })
})

test('a change that was made says so although a part of its answer is refused', async () => {
  const { selectionId, odds } = await world.games.open()
  await using client = openSdkAt(platform, PEOPLE.acmeMember)
  const text = PlaceBetDocument.replace('id\n', 'id guild { handle { amount } }\n')
  const refusal = await refusalOf(client.mutate(text, betOn(selectionId, odds, 'sdk-bet-three')))
  if (!isDbsbmError(refusal, 'UNAUTHORIZED_FIELD_OR_TYPE')) throw refusal
  expect(refusal.data).toMatchObject({ placeBet: { status: 'OPEN' } })
  // It may hold what no log should.
  expect(JSON.stringify(refusal) + inspect(refusal)).not.toContain('OPEN')
})

test('a closed client sends nothing, and who waited hears of it', async () => {
  const client = openSdkAt(platform, undefined, () => new Promise(() => {}))
  const waiting = refusalOf(client.query('{ me { id } }'))
  await client.close()
  expect(await waiting).toMatchObject({ code: 'CLIENT_CLOSED' })
  expect(await refusalOf(client.query('{ me { id } }'))).toMatchObject({ code: 'CLIENT_CLOSED' })
})

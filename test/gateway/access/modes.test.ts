import { afterEach, describe, expect, test } from 'vitest'
import type { SettingsOverride } from '#gateway/settings.ts'
import { type AskInit, type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

let world: PlatformWorld
let ticks: TickState

async function start(access: SettingsOverride['access']) {
  const readers = readersAndBooks()
  ticks = readers.ticks
  world = await startPlatformWorld({
    subgraphs: readers.sources,
    settings: { access: access ?? {}, exposeQueryPlan: true },
  })
  await until(() => world.identity.asked.get('/revocations') === 1)
}
afterEach(() => world[Symbol.asyncDispose]())

const asked = () => Object.values(world.subgraphs).flatMap(({ seen }) => seen).length
const bearer = async () => ({ authorization: `Bearer ${await world.identity.mint()}` })
const QUERY = 'query Both { me { name } secret mine }'

/** Served ahead of Yoga, and by the whole policy, which alone knows of plans. */
const WAYS = [
  ['the short way', {}],
  ['the long way', { headers: { 'x-dbsbm-query-plan': '0' } }],
] as const satisfies readonly (readonly [string, AskInit])[]

describe.each(WAYS)('a request by %s', (_way, init) => {
  test('reject: nothing is executed, every place is named, the status says so', async () => {
    await start({ mode: 'reject' })
    const before = asked()
    const nobody = await world.ask(QUERY, init)
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer')
    expect(nobody.body).toEqual({
      errors: ['mine', 'secret'].map((place) => ({
        message: 'Unauthorized field or type',
        path: [place],
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      })),
    })
    const token = await world.identity.mint({ claims: { scope: '' } })
    const known = await world.ask(QUERY, { ...init, token })
    expect([known.status, known.body.errors?.map(({ path }) => path)]).toEqual([403, [['secret']]])
    expect(known.body).not.toHaveProperty('data')
    expect(asked()).toBe(before)
    const allowed = await world.ask('{ me { name } mine }', { ...init, token })
    expect([allowed.status, allowed.body]).toEqual([
      200,
      { data: { me: { name: 'Ada' }, mine: 'own' } },
    ])
  })

  test('reject without errors: one that names no place, the places beside it', async () => {
    await start({ mode: 'reject', refusals: 'extensions' })
    const { status, body } = await world.ask(QUERY, init)
    expect([status, body.errors?.map(({ path }) => path)]).toEqual([401, [undefined]])
    expect(body.extensions?.authorizationErrors).toMatchObject([
      { path: ['mine'] },
      { path: ['secret'] },
    ])
  })

  test('refusals stand in an extension where the setting says so', async () => {
    await start({ refusals: 'extensions' })
    const { status, body } = await world.ask('{ me { name } secret fails }', init)
    expect(status).toBe(200)
    expect(body.data).toEqual({ me: { name: 'Ada' }, secret: null, fails: null })
    expect(body.errors?.map(({ path }) => path)).toEqual([['fails']])
    expect(body.extensions).toEqual({
      authorizationErrors: [
        {
          message: 'Unauthorized field or type',
          path: ['secret'],
          extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
        },
      ],
    })
  })

  test('or are told by their nulls alone', async () => {
    await start({ refusals: 'disabled' })
    expect((await world.ask(QUERY, init)).body).toEqual({
      data: { me: { name: 'Ada' }, secret: null, mine: null },
    })
    expect((await world.ask('{ secret }', init)).body).toEqual({ data: null })
  })

  test('dry run: all is asked as it was, and the operator is told', async () => {
    await start({ mode: 'dry-run' })
    expect(world.logged.join()).toContain('DRY RUN')
    // These subgraphs check nothing; those of the platform refuse again (test/federation/parity.test.ts).
    const { body } = await world.ask(QUERY, init)
    expect(body).toEqual({ data: { me: { name: 'Ada' }, secret: 'hidden', mine: 'own' } })
    const lines = world.logged.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.filter(({ msg }) => String(msg).startsWith('dry run'))).toMatchObject([
      {
        operationName: 'Both',
        viewer: 'anonymous',
        places: 2,
        refused: [
          { path: 'mine', coordinate: 'Query.mine', stage: 'authenticated' },
          { path: 'secret', coordinate: 'Query.secret', stage: 'scopes' },
        ],
      },
    ])
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain('dbsbm_gateway_dry_run_refusals_total{operation="Both"} 1')
  })

  test.each(['x-dbsbm-dry-run', 'x-dry-run', 'x-dbsbm-access-mode'])(
    '%s from a client changes nothing',
    async (name) => {
      await start({ mode: 'reject' })
      const headers = { ...(('headers' in init && init.headers) || {}), [name]: 'dry-run' }
      const extensions = { dryRun: true, access: { mode: 'dry-run' }, mode: 'dry-run' }
      const { status } = await world.ask(QUERY, { headers, extensions })
      expect(status).toBe(401)
    },
  )
})

describe('a subscription', () => {
  const SECRET = 'subscription { secretTicks { id } }'
  const refusal = {
    message: 'Unauthorized field or type',
    path: ['secretTicks'],
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
  }

  test('reject: no stream is opened over WebSocket', async () => {
    await start({ mode: 'reject' })
    using socket = openSocketClient(world.websocket)
    const { results, ended } = socket.subscribe(SECRET)
    expect(await ended).toBe('complete')
    expect(results).toEqual([{ errors: [refusal] }])
    expect([ticks.listeners, ticks.resumedFrom]).toEqual([0, []])
  })

  test('reject: nor as an event stream', async () => {
    await start({ mode: 'reject' })
    await using stream = await openEventStream(world.endpoint, { query: SECRET })
    expect(await stream.ended).toBe('complete')
    expect(stream.events[0]?.data).toEqual({ errors: [refusal] })
    expect(ticks.resumedFrom).toEqual([])
  })

  const PARTLY = 'subscription { ticks { id guarded: friend { name } } }'

  test.each(['extensions', 'disabled'] as const)('refusals told by %s', async (refusals) => {
    await start({ refusals })
    using socket = openSocketClient(world.websocket)
    const overSocket = socket.subscribe(SECRET)
    await using overSse = await openEventStream(world.endpoint, { query: SECRET })
    await Promise.all([overSocket.ended, overSse.ended])
    const told = refusals === 'extensions' ? { extensions: { authorizationErrors: [refusal] } } : {}
    expect(overSocket.results).toEqual([{ data: null, ...told }])
    expect(overSse.events[0]?.data).toEqual({ data: null, ...told })
    // What is allowed goes on as ever.
    const allowed = socket.subscribe(PARTLY)
    await until(() => ticks.listeners === 1)
    ticks.push('7')
    await until(() => allowed.results.length === 1)
    expect(allowed.results[0]?.data).toEqual({ ticks: { id: '7', guarded: { name: 'Grace' } } })
  })

  test('dry run: the stream is opened, and reported', async () => {
    await start({ mode: 'dry-run' })
    using socket = openSocketClient(world.websocket)
    const { results } = socket.subscribe(SECRET)
    await until(() => ticks.listeners === 1)
    ticks.push('1')
    await until(() => results.length === 1)
    expect(results[0]?.data).toEqual({ secretTicks: { id: '1' } })
    expect(world.logged.join()).toContain('Subscription.secretTicks')
  })

  test('of somebody with the right is one like any other in every mode', async () => {
    for (const mode of ['filter', 'reject', 'dry-run'] as const) {
      if (mode !== 'filter') await world[Symbol.asyncDispose]()
      await start({ mode })
      using socket = openSocketClient(world.websocket, await bearer())
      const { results } = socket.subscribe(SECRET)
      await until(() => ticks.listeners === 1)
      ticks.push('1')
      await until(() => results.length === 1)
      expect(results[0]).toMatchObject({ data: { secretTicks: { id: '1' } } })
      expect(results[0]).not.toHaveProperty('errors')
    }
  })
})

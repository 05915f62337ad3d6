import { describe, expect, test } from 'vitest'
import { until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { openLiveDoor, TICKS } from './live-door.ts'

const PROTECTED = 'subscription { secretTicks { id } }'

const door = openLiveDoor()

describe('rights that end', () => {
  test('by expiry close a WebSocket with 4403 and an event stream with TOKEN_EXPIRED', async () => {
    const authorization = await door.bearer({ livesSeconds: 1.5 })
    using socket = openSocketClient(door.world.websocket, { authorization })
    socket.subscribe(TICKS)
    await using stream = await openEventStream(
      door.world.endpoint,
      { query: TICKS },
      { authorization },
    )
    await door.listeners(2)
    await until(() => socket.closed.length === 1, 3000)
    expect(socket.closed).toEqual([{ code: 4403, reason: 'TOKEN_EXPIRED' }])
    expect(await stream.ended).toBe('complete')
    expect(stream.events.map(({ event }) => event)).toEqual(['next', 'complete'])
    expect(stream.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }],
    })
    await door.listeners(0)
  })

  test('by revocation do so within a second; the streams of others go on', async () => {
    const authorization = await door.bearer({ claims: { sid: 'mine' } })
    using revoked = openSocketClient(door.world.websocket, { authorization })
    revoked.subscribe(TICKS)
    await using stream = await openEventStream(
      door.world.endpoint,
      { query: TICKS },
      { authorization },
    )
    using other = openSocketClient(door.world.websocket, { authorization: await door.bearer() })
    const { results } = other.subscribe(TICKS)
    await door.listeners(3)
    const started = performance.now()
    door.world.identity.revoke({ kind: 'session', id: 'mine' })
    await until(() => revoked.closed.length === 1)
    expect(await stream.ended).toBe('complete')
    expect(performance.now() - started).toBeLessThan(1000)
    expect(revoked.closed).toEqual([{ code: 4403, reason: 'TOKEN_REVOKED' }])
    expect(stream.events[0]?.data).toMatchObject({
      errors: [{ extensions: { code: 'TOKEN_REVOKED' } }],
    })
    door.ticks.push('1')
    await until(() => results.length === 1)
  })

  test('before the beginning refuse the connection', async () => {
    for (const [overrides, code] of [
      [{ livesSeconds: -10 }, 'TOKEN_EXPIRED'],
      [{ isForged: true }, 'TOKEN_INVALID'],
    ] as const) {
      using socket = openSocketClient(door.world.websocket, {
        authorization: await door.bearer(overrides),
      })
      await socket.subscribe(TICKS).ended
      expect(socket.closed).toEqual([{ code: 4403, reason: code }])
      const stream = await openEventStream(
        door.world.endpoint,
        { query: TICKS },
        { authorization: await door.bearer(overrides) },
      )
      expect(stream.status).toBe(401)
    }
    expect(door.ticks.listeners).toBe(0)
  })
})

describe('the authorization of a WebSocket', () => {
  test.each(['Authorization', 'AUTHORIZATION', 'authorization'])(
    'may be named %s',
    async (name) => {
      using socket = openSocketClient(door.world.websocket, { [name]: await door.bearer() })
      const { results } = socket.subscribe(PROTECTED)
      await door.listeners(1)
      door.ticks.push('1')
      await until(() => results.length === 1)
      expect(results[0]).toMatchObject({ data: { secretTicks: { id: '1' } } })
    },
  )

  test('given twice is taken when both are the same, and refused when they differ', async () => {
    const [one, other] = [await door.bearer(), await door.bearer()]
    using same = openSocketClient(door.world.websocket, { authorization: one, Authorization: one })
    same.subscribe(PROTECTED)
    await door.listeners(1)
    using torn = openSocketClient(door.world.websocket, {
      authorization: one,
      Authorization: other,
    })
    await torn.subscribe(TICKS).ended
    expect(torn.closed).toEqual([{ code: 4403, reason: 'TOKEN_INVALID' }])
  })
})

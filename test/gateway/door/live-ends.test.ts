import { describe, expect, test } from 'vitest'
import { startPlatformWorld, until } from '../../kit/gateway.ts'
import { openEventStream, openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'
import { fillUp, openLiveDoor, ROUNDS, stalledStream, TICKS } from './live-door.ts'

const door = openLiveDoor()

describe('a gateway that stops', () => {
  test('sends its WebSockets elsewhere (1012) and ends its event streams with a code', async () => {
    using socket = openSocketClient(door.world.websocket)
    socket.subscribe(TICKS)
    const stream = await openEventStream(door.world.endpoint, { query: TICKS })
    await door.listeners(2)
    const started = performance.now()
    await door.world.gateway.close()
    expect(performance.now() - started).toBeLessThan(400)
    expect(socket.closed).toEqual([{ code: 1012, reason: 'Restarting' }])
    expect(await stream.ended).toBe('complete')
    expect(stream.events).toMatchObject([
      { event: 'next', data: { errors: [{ extensions: { code: 'SERVICE_DRAINING' } }] } },
      { event: 'complete' },
    ])
    await door.listeners(0)
  })

  test('does not wait for an event stream that nobody reads', async () => {
    const readers = readersAndBooks()
    await using patient = await startPlatformWorld({
      subgraphs: readers.sources,
      settings: { live: { drainMs: 10_000, stalledMs: 60_000 } },
    })
    await stalledStream(patient.url)
    await until(() => readers.ticks.listeners === 1)
    fillUp(readers.ticks)
    const sent = async () => {
      const metrics = await (await fetch(`${patient.url}/metrics`)).text()
      return /events_total\{channel="http"\} (\d+)/.exec(metrics)?.[1]
    }
    const looks = [await sent()]
    const isStill = async () => looks.push(await sent()) > 1 && looks.at(-1) === looks.at(-2)
    await expect.poll(isStill, { interval: 200, timeout: 10_000 }).toBe(true)
    expect(Number(looks.at(-1))).toBeLessThan(ROUNDS)
    const started = performance.now()
    await patient.gateway.close()
    const took = performance.now() - started
    expect(took).toBeGreaterThan(900)
    expect(took).toBeLessThan(3000)
  })
})

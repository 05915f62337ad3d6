import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { createPlannerProcesses } from '#gateway/engine/planning/planner-processes.ts'
import { explodingQuery, explodingSubgraphs } from '../../kit/exploding-world.ts'
import { startStandaloneWorld } from '../../kit/gateway.ts'
import { openSocketClient } from '../../kit/live-clients.ts'

const DEADLINE_MS = 500
/** Less than one of these plans takes, more than a machine at work stalls a process. */
const LONGEST_STALL_MS = 1_200

async function openWorld(processes = createPlannerProcesses()) {
  const world = await startStandaloneWorld({
    subgraphs: explodingSubgraphs(),
    settings: { planning: { deadlineMs: DEADLINE_MS } },
    options: { processes },
  })
  return {
    ...world,
    processes,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await processes.close()
    },
  }
}

type World = Awaited<ReturnType<typeof openWorld>>

/** Asks the same known question again and again, until told to stop. */
function askMeanwhile(world: World, query: string) {
  let isOver = false
  let answered = 0
  const asking = (async () => {
    while (!isOver) {
      const { body } = await world.ask(query)
      expect(body).toEqual({ data: { north: 1 } })
      answered++
    }
  })()
  return async () => {
    isOver = true
    await asking
    return answered
  }
}

describe('operations whose plans explode', () => {
  test('get their code in time, while others go on being answered', async () => {
    await using world = await openWorld()
    await world.ask('{ north }')
    const delays = monitorEventLoopDelay({ resolution: 10 })
    delays.enable()
    const stop = askMeanwhile(world, '{ north }')
    const hostile = ['a', 'b', 'c'].map((seed) => world.ask(explodingQuery(seed)))
    const unknown = world.ask('{ unknown: north }')
    for (const { status, body } of await Promise.all(hostile)) {
      expect(status).toBe(503)
      expect(body.errors).toMatchObject([{ extensions: { code: 'PLANNING_TIMEOUT' } }])
    }
    expect((await unknown).body).toEqual({ data: { unknown: 1 } })
    delays.disable()
    expect(await stop()).toBeGreaterThan(5)
    expect(delays.max / 1e6).toBeLessThan(LONGEST_STALL_MS)
    expect(world.processes.size).toBe(1)
  })

  test('are refused over a WebSocket too, while its other operations are answered', async () => {
    await using world = await openWorld()
    using client = openSocketClient(world.websocket)
    const [refused, answered] = [explodingQuery(), '{ north }'].map((query) =>
      client.subscribe(query),
    )
    expect(await Promise.all([refused?.ended, answered?.ended])).toMatchObject([
      [{ extensions: { code: 'PLANNING_TIMEOUT' } }],
      'complete',
    ])
    expect(answered?.results).toEqual([{ data: { north: 1 } }])
  })

  test('do not keep an asker who leaves, and are still planned for others', async () => {
    await using world = await openWorld()
    const leaving = new AbortController()
    const left = fetch(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ shared: south }' }),
      signal: leaving.signal,
    })
    const staying = world.ask('{ shared: south }')
    leaving.abort()
    await expect(left).rejects.toThrow()
    expect((await staying).body).toEqual({ data: { shared: 1 } })
  })
})

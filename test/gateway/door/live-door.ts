import { afterEach, beforeEach } from 'vitest'
import { type PlatformWorld, startPlatformWorld, until } from '../../kit/gateway.ts'
import { stalledReader } from '../../kit/multipart-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

export const TICKS = 'subscription { ticks { id name books } }'

/** A platform whose subgraph ticks, and little room for connections; anew for each test. */
export type LiveDoor = {
  readonly world: PlatformWorld
  readonly ticks: TickState
  bearer: (overrides?: Record<string, unknown>) => Promise<string>
  /** Waits until the subgraph has so many. */
  listeners: (count: number) => Promise<void>
}

/** To be called where the tests of a file stand. */
export function openLiveDoor(): LiveDoor {
  let world: PlatformWorld
  let ticks: TickState
  beforeEach(async () => {
    const readers = readersAndBooks()
    ticks = readers.ticks
    world = await startPlatformWorld({
      subgraphs: readers.sources,
      settings: {
        live: {
          subscriptionsPerConnection: 3,
          connections: 3,
          connectionInitTimeoutMs: 200,
          messageBytes: 20_000,
        },
      },
    })
    await until(() => world.identity.asked.get('/revocations') === 1)
  })
  afterEach(() => world[Symbol.asyncDispose]())
  return {
    get world() {
      return world
    },
    get ticks() {
      return ticks
    },
    bearer: async (overrides = {}) => `Bearer ${await world.identity.mint(overrides)}`,
    listeners: (count) => until(() => ticks.listeners === count),
  }
}

export const eventOf = (id: string) => ({
  data: { ticks: { id, name: id, books: [`book of ${id}`] } },
  extensions: { cursor: `cursor-${id}` },
})

/** A client that asks for an event stream and then reads no more. */
export const stalledStream = (url: string) =>
  stalledReader(url, {
    query: 'subscription { ticks { name } }',
    accept: 'text/event-stream',
  })

export const ROUNDS = 150

/** More than the buffers of the system hold. */
export function fillUp({ push }: TickState): void {
  for (let round = 0; round < ROUNDS; round++) push('x'.repeat(200_000))
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PlatformWorld, startPlatformWorld, until } from '../gateway.ts'
import { readersAndBooks, type TickState } from '../readers-world.ts'
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts'
import type { Followed, OpenClient, RealClient, Way } from './real-client.ts'

export const TICKS = 'subscription Ticks { ticks { id name books } }'
const ME = 'query Me { me { id name books } }'
const RENAMED = 'mutation Rename { rename(name: "Eve") { id name } }'
const TAKEN = 'mutation Rename { rename(name: "taken") { id name } }'

/** A gateway over a subgraph that ticks, and a way to it that can be broken. */
export type ClientsWorld = AsyncDisposable & {
  world: PlatformWorld
  ticks: TickState
  proxy: TcpProxy
  /** The way of somebody whose tokens come from `token`. */
  way: (token: Way['token']) => Way
}

/** Starts everything that a client meets. */
export async function startClientsWorld(readers = readersAndBooks()): Promise<ClientsWorld> {
  const world = await startPlatformWorld({ subgraphs: readers.sources })
  const proxy = await startTcpProxy(Number(new URL(world.url).port))
  await until(() => world.identity.asked.get('/revocations') === 1)
  const endpoint = `http://127.0.0.1:${proxy.port}/graphql`
  return {
    ...{ world, proxy, ticks: readers.ticks },
    way: (token) => ({ endpoint, websocket: endpoint.replace('http:', 'ws:'), token }),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
    },
  }
}

/** Nobody's token. */
export const nobody = async () => null

/** The names of the events that came, in order; fails when one of them is not whole. */
export function namesIn({ outcomes }: Followed): string[] {
  return outcomes.map(({ data, codes }) => {
    const { id } = (data as { ticks: { id: string } }).ticks
    expect({ data, codes }).toMatchObject({
      data: { ticks: { id, name: id, books: [`book of ${id}`] } },
      codes: [],
    })
    return id
  })
}

/** What a running subscription shows. */
type Heard = {
  followed: Followed
  closed: number[]
  brought: (names: readonly string[]) => Promise<void>
}

/** What every client has to do, over real sockets. */
export function provesItself(open: OpenClient, channel: 'socket' | 'events'): void {
  let met: ClientsWorld
  beforeAll(async () => {
    met = await startClientsWorld()
  })
  afterAll(() => met[Symbol.asyncDispose]())

  const push = (names: readonly string[]) => names.forEach(met.ticks.push)
  const following = (token: Way['token'], run: (heard: Heard) => Promise<void>) =>
    followTicks(met, () => open(met.way(token)), run)

  test('asks, changes, and hears the code of a change that is refused', async () => {
    using client = open(met.way(nobody))
    expect(await client.query(ME)).toMatchObject({
      data: { me: { id: '1', name: 'Ada', books: ['book of 1'] } },
      codes: [],
    })
    expect(await client.mutate(RENAMED)).toMatchObject({
      data: { rename: { id: '1', name: 'Eve' } },
      codes: [],
    })
    expect(await client.mutate(TAKEN)).toMatchObject({
      data: { rename: null },
      codes: ['NAME_TAKEN'],
    })
  })

  test('brings the events of a subscription in order', () =>
    following(nobody, async ({ brought }) => {
      const names = series('order', 1, 50)
      push(names)
      await brought(names)
    }))

  describe('a subscription', () => {
    test('goes on after cuts, without gap or double', () =>
      following(nobody, async ({ followed, brought }) => {
        const cut = met.proxy.cutAfter(3000)
        push(series('cut', 1, 40))
        await cut
        expect(followed.outcomes.length).toBeLessThan(40)
        await brought(series('cut', 1, 40))
        await met.proxy.refuse()
        push(series('cut', 41, 60))
        await met.proxy.accept()
        await brought(series('cut', 1, 60))
        push(series('cut', 61, 61))
        await brought(series('cut', 1, 61))
      }))

    test('goes on with a new token when the old one has expired', async () => {
      const lives = [0.8, 300]
      const token = () => met.world.identity.mint({ livesSeconds: lives.shift() ?? 300 })
      await following(token, async ({ closed, brought }) => {
        push(series('expiry', 1, 2))
        await brought(series('expiry', 1, 2))
        await until(() => lives.length === 0)
        push(series('expiry', 3, 4))
        await brought(series('expiry', 1, 4))
        expect(closed).toEqual(channel === 'socket' ? [4403] : [])
      })
    })
  })
}

/** Runs while a client follows the ticks; when it is over, nobody listens any more. */
async function followTicks(
  { ticks }: ClientsWorld,
  open: () => RealClient,
  run: (heard: Heard) => Promise<void>,
): Promise<void> {
  await until(() => ticks.listeners === 0)
  using client = open()
  const followed = client.follow(TICKS)
  await until(() => ticks.listeners === 1)
  const brought = (names: readonly string[]) =>
    expect.poll(() => namesIn(followed), { interval: 5, timeout: 5000 }).toEqual(names)
  await run({ followed, closed: client.closed, brought })
  followed.stop()
  await until(() => ticks.listeners === 0)
}

const series = (word: string, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `${word}${first + index}`)

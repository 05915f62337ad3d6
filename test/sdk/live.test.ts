import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  BetChangesDocument,
  type Dbsbm,
  type FeedEvent,
  type FeedState,
  OddsChangesDocument,
  type OddsChangesSubscription,
  type SubscribeOptions,
} from '../../sdk/src/index.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { startTcpProxy } from '../kit/tcp-proxy.ts'
import { openSdkAt, refusalOf, SETUP_MS } from './sdk-world.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startPlatform({ env: { ODDS_FEED: 'simulator' } })
}, SETUP_MS)
afterAll(() => platform[Symbol.asyncDispose]())

type Odds = FeedEvent<OddsChangesSubscription>

/** A client whose way to the platform can be broken. */
async function openBreakable() {
  const proxy = await startTcpProxy(Number(new URL(platform.url).port))
  const url = `http://127.0.0.1:${proxy.port}/graphql`
  const client = openSdkAt({ ...platform, url }, PEOPLE.acmeMember)
  return {
    ...{ client, proxy },
    async [Symbol.asyncDispose]() {
      await client.close()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

/** Reads so many events, or up to a cursor. */
async function read(
  client: Dbsbm,
  options: SubscribeOptions,
  isEnough: (events: readonly Odds[]) => boolean,
): Promise<Odds[]> {
  const events: Odds[] = []
  for await (const event of client.subscribe(OddsChangesDocument, {}, options)) {
    events.push(event)
    if (isEnough(events)) return events
  }
  return events
}

/** What the platform itself says happened after one event up to another, read without a cut. */
async function historyBetween(first: Odds | undefined, last: Odds | undefined): Promise<Odds[]> {
  await using client = openSdkAt(platform, PEOPLE.acmeMember)
  const isLast = (events: readonly Odds[]) => events.at(-1)?.cursor === last?.cursor
  return await read(client, { resume: first?.cursor ?? '' }, isLast)
}

const reads = (count: number) => (events: readonly unknown[]) => events.length >= count

describe('a subscription', () => {
  test('goes on after cuts from where it was, without gap or double', async () => {
    await using met = await openBreakable()
    const states: FeedState[] = []
    const onState = (state: FeedState) => void states.push(state)
    const events = await read(met.client, { onState }, (read) => {
      // A tick is seven prices: each cut falls into another place of one.
      if (read.length % 8 === 0) met.proxy.cut()
      return read.length >= 40
    })
    expect(events.slice(1)).toEqual(await historyBetween(events[0], events.at(-1)))
    expect(states.slice(0, 4)).toEqual(['connecting', 'live', 'stale', 'live'])
    expect(states.at(-1)).toBe('ended')
  })

  test('goes on however long nobody is there, and asks nothing once nobody listens', async () => {
    await using met = await openBreakable()
    const events: Odds[] = []
    const feed = met.client.subscribe(OddsChangesDocument)
    const take = async () => {
      const { value } = await feed.next()
      if (value) events.push(value)
    }
    await take()
    await met.proxy.refuse()
    const waiting = take()
    await met.proxy.accept()
    await waiting
    for (const _event of Array(10)) await take()
    expect(events.slice(1)).toEqual(await historyBetween(events[0], events.at(-1)))
    await feed.return()
    let pieces = 0
    met.proxy.fateOf = () => {
      pieces++
      return 'pass'
    }
    met.proxy.cut()
    expect(await feed.next()).toEqual({ done: true, value: undefined })
    expect(pieces).toBe(0)
  })

  test('shares its socket with the others of its client', async () => {
    await using met = await openBreakable()
    let upgrades = 0
    met.proxy.fateOf = (piece) => {
      upgrades += Number(/^upgrade: websocket/im.test(piece.toString('latin1')))
      return 'pass'
    }
    const feeds = [1, 2, 3].map(() => met.client.subscribe(OddsChangesDocument))
    await Promise.all(feeds.map((feed) => feed.next()))
    expect(upgrades).toBe(1)
  })

  test('whose reader is slow holds no more than may wait, and loses nothing', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const states: FeedState[] = []
    const feed = client.subscribe(
      OddsChangesDocument,
      {},
      { bufferSize: 3, onState: (state) => void states.push(state) },
    )
    const events: Odds[] = []
    for (const _round of [1, 2, 3]) {
      const pauses = states.filter((state) => state === 'paused').length
      for (let taken = 0; taken < 4; taken++) {
        const { value } = await feed.next()
        if (value) events.push(value)
      }
      await expect
        .poll(() => states.filter((state) => state === 'paused').length, { timeout: 10_000 })
        .toBeGreaterThan(pauses)
    }
    await feed.return()
    expect(events.slice(1)).toEqual(await historyBetween(events[0], events.at(-1)))
  })

  test('refuses a cursor of another feed with its code, and one that is none', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const [event] = await read(client, {}, reads(1))
    const resume = event?.cursor ?? ''
    const foreign = client.subscribe(BetChangesDocument, {}, { resume })
    expect(await refusalOf(foreign.next())).toMatchObject({ code: 'CURSOR_FOREIGN' })
    expect(await foreign.next()).toEqual({ done: true, value: undefined })
    const none = client.subscribe(OddsChangesDocument, {}, { resume: 'nothing' })
    expect(await refusalOf(none.next())).toMatchObject({ code: 'CURSOR_INVALID' })
  })

  test('says with orLive whether something is missing before its first event', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const [first] = await read(client, {}, reads(1))
    const events = await read(client, { resume: first?.cursor ?? '', orLive: true }, reads(3))
    expect(events.map(({ recovered }) => recovered)).toEqual([true, undefined, undefined])
  })

  test('ends when its caller gives up, and with its client', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    const controller = new AbortController()
    const feed = client.subscribe(BetChangesDocument, {}, { signal: controller.signal })
    const waiting = refusalOf(feed.next())
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'CALL_ABORTED' })
    const other = client.subscribe(BetChangesDocument)
    const last = other.next()
    await client.close()
    expect(await last).toEqual({ done: true, value: undefined })
    expect(() => client.subscribe(BetChangesDocument)).toThrow(
      expect.objectContaining({ code: 'CLIENT_CLOSED' }),
    )
  })

  test('of somebody who cannot sign in is refused with why', async () => {
    await using client = openSdkAt(platform, { ...PEOPLE.acmeMember, password: 'wrong-password' })
    const feed = client.subscribe(BetChangesDocument)
    expect(await refusalOf(feed.next())).toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })

  test('of a key that is none is refused for good', async () => {
    await using client = openSdkAt(platform, { apiKey: 'dsk_nobodys' })
    const refusal = await refusalOf(client.subscribe(BetChangesDocument).next())
    expect(refusal).toMatchObject({ code: expect.stringMatching(/^(API_KEY|TOKEN)_INVALID$/) })
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ask, PEOPLE } from '../kit/platform.ts'
import { expectedChanges, readSeasonFile } from '../prove/season-file.ts'
import { writeSeason } from '../prove/season-replay.ts'
import { openAs, startBrowser, visit } from './kit/browser.ts'
import {
  type ConsolePlatform,
  openSubscriptions,
  startConsolePlatform,
} from './kit/console-platform.ts'

const MATCHES = 60
/** Plays these matches in about half a minute, so that there is something to cut. */
const SPEED = 6_000
const LONGEST_MS = 240_000
const PATIENT = { timeout: 120_000, interval: 100 }

let folder: string
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dbsbm-console-season-'))
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

/** What the page says of its live connection; 0 before it says anything. */
async function figure(page: Page, name: string): Promise<number> {
  const shown = page.locator(`[data-figure=${name}]`)
  if ((await shown.count()) === 0) return 0
  return Number((await shown.innerText()).replaceAll(',', ''))
}

type Feed = { id: string; changes: string; status: string; isPaused: boolean }

const FEEDS = '{ feeds { id changes status isPaused } }'

/** The one feed, asked as the operator. */
async function createProducer(world: ConsolePlatform) {
  const ask = await world.platform.as(PEOPLE.operator)
  const read = async () => {
    const { data } = await ask(FEEDS)
    const [feed] = (data as { feeds: Feed[] }).feeds
    if (!feed) throw new Error('There is no feed.')
    return feed
  }
  const set = async (field: 'pauseFeed' | 'resumeFeed') => {
    const { id } = await read()
    const { errors } = await ask(
      `mutation ($id: ID!) { ${field}(input: { feedId: $id }) { id } }`,
      { id },
    )
    if (errors) throw new Error(JSON.stringify(errors))
  }
  return { read, pause: () => set('pauseFeed'), resume: () => set('resumeFeed') }
}

/** The ids of price changes that reach the page, each as often as it comes. */
function listenTo(page: Page): string[] {
  const ids: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const [, id] = /"oddsChanged":\{[^{}]*?"id":"(\d+)"/.exec(String(payload)) ?? []
      if (id) ids.push(id)
    })
  })
  return ids
}

test(
  'a season moves the board, the connection is cut, and the page has seen every change once',
  async () => {
    const season = await readSeasonFile(MATCHES)
    await using world = await startConsolePlatform({
      ODDS_FEED: 'season',
      ODDS_FEED_FILE: await writeSeason(folder, season),
      ODDS_FEED_LEAGUE: 'E0',
      ODDS_FEED_SEASON: '2023-24',
      ODDS_FEED_SPEED: String(SPEED),
    })
    const producer = await createProducer(world)
    await producer.pause()
    await using guest = await visit(browser, world)
    const ids = listenTo(guest.page)
    const page = await openAs(guest, '/odds', PEOPLE.acmeAnalyst)
    await page.getByRole('button', { name: /^Live connection/ }).click()
    await expect.poll(() => openSubscriptions(world.origin), PATIENT).toBe(2)
    await expect.poll(async () => (await producer.read()).isPaused, PATIENT).toBe(true)
    const before = Number((await producer.read()).changes)
    await producer.resume()
    const seen = () => figure(page, 'ConsoleOddsMoves')

    await expect.poll(seen, PATIENT).toBeGreaterThan(50)
    world.proxy.cut()
    const atCut = await seen()
    await expect.poll(seen, PATIENT).toBeGreaterThan(atCut + 50)

    // Away for longer than a price may be old without a word.
    await world.proxy.refuse()
    await page.locator('[data-state=stale]').waitFor()
    await page.screenshot({ path: 'var/console-pictures/stale.png' })
    await world.proxy.accept()
    await page.locator('[data-state=stale]').waitFor({ state: 'detached' })

    await expect.poll(async () => (await producer.read()).status, PATIENT).toBe('FINISHED')
    const total = Number((await producer.read()).changes) - before
    await expect.poll(seen, PATIENT).toBe(total)
    // Nothing comes late, and nothing twice.
    await page.waitForTimeout(2_000)
    expect(await seen()).toBe(total)
    expect([ids.length, new Set(ids).size]).toEqual([total, total])
    expect(total).toBeGreaterThan(500)
    expect(total + before).toBe(expectedChanges(season).length)
    expect(await figure(page, 'reread')).toBe(0)
    expect(await figure(page, 'resumed')).toBeGreaterThan(1)
  },
  LONGEST_MS,
)

type Offered = { id: string; bestBack: { odds: number } | null }
type Board = { fixtures: { edges: { node: { markets: { selections: Offered[] }[] } }[] } }

const selectionsIn = (data: unknown): Offered[] =>
  (data as Board).fixtures.edges.flatMap(({ node }) =>
    node.markets.flatMap(({ selections }) => selections),
  )

const BOARD = `{
  fixtures(first: 25, where: { status: { eq: SCHEDULED } }) {
    edges { node { markets { selections { id bestBack { odds } } } } }
  }
}`

/** Selections whose shown price is not the platform's best one. */
async function differences(page: Page, ask: Ask): Promise<unknown[]> {
  const shown = await page
    .locator('[data-selection]')
    .evaluateAll((cells) =>
      cells.map((cell) => [cell.dataset.selection ?? '', Number(cell.dataset.odds)] as const),
    )
  expect(shown.length).toBeGreaterThan(5)
  const { data } = await ask(BOARD)
  const best = new Map(selectionsIn(data).map(({ id, bestBack }) => [id, bestBack?.odds]))
  return shown.filter(([id, odds]) => best.get(id) !== odds)
}

test('a price on the board is the one that the platform names best, after it moved', async () => {
  await using world = await startConsolePlatform({
    ODDS_FEED: 'simulator',
    ODDS_FEED_INTERVAL_SECONDS: '1',
  })
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeAnalyst)
  await page.locator('[data-moved]').first().waitFor({ timeout: PATIENT.timeout })
  expect(await page.locator('[data-moved]').first().innerText()).toMatch(/[▲▼]/)
  const producer = await createProducer(world)
  await producer.pause()
  const ask = await world.platform.as(PEOPLE.acmeAnalyst)
  // What the platform told last has to arrive.
  await expect.poll(() => differences(page, ask), PATIENT).toEqual([])
})

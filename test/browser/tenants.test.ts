import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { openAs, startBrowser, type Visit, visit } from './kit/browser.ts'
import {
  type ConsolePlatform,
  openSubscriptions,
  startConsolePlatform,
} from './kit/console-platform.ts'

let world: ConsolePlatform
let browser: Browser

beforeAll(async () => {
  world = await startConsolePlatform()
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

/** Longer than the console takes to read again what a new stream may have missed. */
const READ_AGAIN_MS = 3_000

const SIDES = [
  {
    own: 'Acme',
    ownTenant: '1',
    person: PEOPLE.acmeAdmin,
    other: 'Globex',
    otherTenant: '2',
    otherPerson: 'Gus',
  },
  {
    own: 'Globex',
    ownTenant: '2',
    person: PEOPLE.globexAdmin,
    other: 'Acme',
    otherTenant: '1',
    otherPerson: 'Ada',
  },
] as const

/** Everything that a page shows, and everything that it was sent. */
async function everything(page: Page, heard: readonly string[]): Promise<string> {
  return `${await page.locator('body').innerText()} ${heard.join(' ')}`
}

function listenTo(guest: Visit): string[] {
  const heard: string[] = []
  guest.page.on('response', (response) => {
    if (response.url().endsWith('/graphql')) {
      // A page that is left takes its answers with it.
      void response.text().then(
        (text) => heard.push(text),
        () => undefined,
      )
    }
  })
  guest.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => heard.push(String(payload)))
  })
  return heard
}

test('two people of two tenants side by side see nothing of each other, on no page and in no answer', async () => {
  await using acme = await visit(browser, world)
  await using globex = await visit(browser, world)
  const guests = [acme, globex]
  const heard = guests.map(listenTo)
  for (const [place, side] of SIDES.entries()) {
    const guest = guests[place] as Visit
    await openAs(guest, '/tenants', side.person)
    await guest.page.getByText(side.own).first().waitFor()
  }
  for (const [place, side] of SIDES.entries()) {
    const { page } = guests[place] as Visit
    const said = heard[place] as string[]
    for (const path of [
      `/tenants/${side.ownTenant}`,
      '/security',
      '/keys',
      '/account',
      '/odds',
      '/bets',
    ]) {
      await page.goto(`/console${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle').catch(() => undefined)
      expect(await everything(page, said)).not.toContain(side.other)
    }
    await page.goto(`/console/tenants/${side.otherTenant}`)
    await page.locator('[data-state=empty]').waitFor()
    expect(await everything(page, said)).not.toContain(side.other)
    expect(await everything(page, said)).not.toContain(side.otherPerson)
  }
})

test('what happens in one tenant is told live there, and nowhere else', async () => {
  await using acme = await visit(browser, world)
  await using globex = await visit(browser, world)
  const mine = await openAs(acme, '/security', PEOPLE.acmeAdmin)
  const theirs = await openAs(globex, '/security', PEOPLE.globexAdmin)
  for (const page of [mine, theirs]) {
    await page.locator('[data-event]').first().waitFor()
    await expect
      .poll(() => page.getByRole('button', { name: /^Live connection/ }).getAttribute('data-live'))
      .toBe('live')
  }
  // The streams stand now, and what they may have missed was read.
  await expect.poll(() => openSubscriptions(world.origin)).toBe(2)
  await theirs.waitForTimeout(READ_AGAIN_MS)
  // From here on only the streams bring anything.
  for (const page of [mine, theirs]) await page.route('**/graphql', (route) => route.abort())
  const before = await theirs.locator('[data-event]').count()
  const ask = await world.platform.as(PEOPLE.acmeAdmin)
  const { errors } = await ask(
    'mutation { createApiKey(input: { name: "told live", scopes: ["odds:read"] }) { apiKey { id } } }',
  )
  expect(errors).toBeUndefined()
  await mine.getByText('api-key.created').first().waitFor()
  await theirs.waitForTimeout(READ_AGAIN_MS)
  expect(await theirs.getByText('api-key.created').count()).toBe(0)
  expect(await theirs.locator('[data-event]').count()).toBe(before)
})

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { afar, openAs, startBrowser, visit } from './kit/browser.ts'
import { type ConsolePlatform, startConsolePlatform } from './kit/console-platform.ts'

let world: ConsolePlatform
let browser: Browser

beforeAll(async () => {
  world = await startConsolePlatform({ ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: '20' })
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

/** Goes from thing to thing as the tab key does, until the one that is meant has the focus. */
async function tabTo(page: Page, isThere: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), isThere))
      return
  }
  throw new Error(`The keyboard never came to ${isThere}.`)
}

const PRICE = 'button[data-selection]:enabled'
const BALANCE = `{ me { accounts(first: 1) { edges { node { balance { amount } } } } } }`

async function balance(): Promise<string> {
  const ask = await world.platform.as(PEOPLE.acmeMember)
  const { data } = await ask(BALANCE)
  const { me } = data as {
    me: { accounts: { edges: { node: { balance: { amount: string } } }[] } }
  }
  return me.accounts.edges[0]?.node.balance.amount ?? ''
}

test('a bet is placed by keyboard alone, from the sign-in to the list of bets', async () => {
  await using guest = await visit(browser, world)
  const { page } = guest
  await page.goto('/console/')
  await page.getByLabel('E-mail').waitFor()
  await page.keyboard.type(PEOPLE.acmeMember.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(PEOPLE.acmeMember.password)
  await page.keyboard.press('Enter')
  await page.locator(PRICE).first().waitFor()
  const before = await balance()

  await tabTo(page, PRICE)
  await page.keyboard.press('Enter')
  await page.getByLabel('Stake in EUR').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT')
  await page.keyboard.type('5')
  await page.keyboard.press('Enter')
  await page.getByText('5.00 EUR at').waitFor()
  await page.keyboard.press('Escape')
  const hasFocus = () =>
    page.evaluate(() => document.activeElement?.hasAttribute('data-selection') ?? false)
  await expect.poll(hasFocus).toBe(true)

  expect(Number(before) - Number(await balance())).toBe(500)
  await tabTo(page, 'a[href="/console/bets"]')
  await page.keyboard.press('Enter')
  await page.locator('[data-bet]').first().waitFor()
  expect(await page.locator('[data-bet]').first().innerText()).toContain('5.00 EUR')
  expect(guest.noted).toEqual({ errors: [], foreign: [] })
})

test('a stake above the limit is refused before it is sent, in words that say the limit', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  const before = await balance()
  await page.locator(PRICE).first().click()
  await page.getByLabel('Stake in EUR').fill('2000')
  await page.getByText('At most 1,000.00 EUR here.').waitFor()
  await page.keyboard.press('Enter')
  expect(await page.getByRole('button', { name: /^Place the bet/ }).isDisabled()).toBe(true)
  expect(await balance()).toBe(before)
})

test('a bet whose answer is lost and which is sent again is placed once', async () => {
  await using guest = await visit(browser, { origin: afar(world.origin) })
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  const before = await balance()
  await page.locator(PRICE).first().click()
  await page.getByLabel('Stake in EUR').fill('7')
  let isLost = false
  await page.route('**/graphql', async (route) => {
    const isBet = route.request().postData()?.includes('ConsolePlaceBet') ?? false
    if (!isBet || isLost) return route.continue()
    isLost = true
    // The platform hears it and answers; the answer never comes.
    await route.fetch({ url: `${world.origin}/graphql` })
    await route.abort()
  })
  await page.getByText('Any', { exact: true }).click()
  await page.getByRole('button', { name: /^Place the bet/ }).click()
  await page.getByText('The platform cannot be reached').waitFor()
  await guest.context.setOffline(true)
  await page.getByRole('button', { name: /^Place the bet/ }).click()
  // What does not leave now says nothing of what left before.
  await page.locator('[data-code=CONSOLE_OFFLINE]').waitFor()
  expect(await page.locator('[data-state=uncertain]').count()).toBe(1)
  await guest.context.setOffline(false)
  // Over a reload too it is known that a bet is open.
  await page.reload()
  await page.getByRole('button', { name: 'Slip (1)' }).click()
  await page.locator('[data-state=unknown-bets]').waitFor()
  await page.getByLabel('Stake in EUR').fill('7')
  await page.getByText('Any', { exact: true }).click()
  await page.getByRole('button', { name: /^Place the bet/ }).click()
  await page.getByText('7.00 EUR at').waitFor()
  expect(Number(before) - Number(await balance())).toBe(700)
})

test('what is on the slip stays over every page and a reload, and goes with its person', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeMember)
  await page.getByRole('link', { name: 'Odds' }).click()
  for (const place of [1, 2]) {
    await page.locator(`[data-fixture] >> nth=${place}`).locator(PRICE).first().click()
    await page.getByLabel('Stake in EUR').waitFor()
    await page.keyboard.press('Escape')
  }
  const held = page.getByRole('button', { name: 'Slip (2)' })
  await held.waitFor()
  await page.locator('[data-fixture] a').first().click()
  await held.waitFor()
  await page.getByRole('link', { name: 'All odds' }).click()
  await page.reload()
  await held.click()
  await page.getByText('Odds of 2 together').waitFor()
  await page.keyboard.press('Escape')
  await page.goto('/console/account')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('E-mail').waitFor()
  expect(await page.evaluate(() => Object.keys(sessionStorage))).not.toContain('dbsbm:slip:legs')
})

test('what is no slip is not taken for one', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  const { me } = (await (await world.platform.as(PEOPLE.acmeMember))('{ me { id } }')).data as {
    me: { id: string }
  }
  const leg = { selectionId: '1', fixtureId: '1', home: 'a', away: 'b', line: 0, odds: 2_000 }
  const legs = [{ ...leg, startsAt: '2100-01-01', marketType: '<b>', selection: 'HOME' }, null, 7]
  for (const kept of ['{', '[]', JSON.stringify({ owner: me.id, kept: legs })]) {
    await page.evaluate((text) => sessionStorage.setItem('dbsbm:slip:legs', text), kept)
    await page.reload()
    await page.locator(PRICE).first().waitFor()
    expect(await page.getByRole('button', { name: 'Slip', exact: true }).count()).toBe(1)
  }
  expect(guest.noted.errors).toEqual([])
})

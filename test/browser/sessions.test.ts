import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { afar, openAs, signInOn, startBrowser, visit } from './kit/browser.ts'
import { type ConsolePlatform, startConsolePlatform } from './kit/console-platform.ts'
import { grant, idOf, must, roleNamed } from './kit/people.ts'

let world: ConsolePlatform
let browser: Browser

const ACME = '1'
const PATIENT = { timeout: 20_000, interval: 100 }

beforeAll(async () => {
  world = await startConsolePlatform({ ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: '1' })
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

const operator = () => world.platform.as(PEOPLE.operator)

test('a wrong password is refused in words, and the right one leads to the page that was asked for', async () => {
  await using guest = await visit(browser, world)
  const { page } = guest
  await page.goto('/console/odds?market=OVER_UNDER')
  await page.getByLabel('E-mail').fill(PEOPLE.acmeMember.email)
  await page.getByRole('textbox', { name: 'Password' }).fill('not this one')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[data-code=SIGN_IN_REFUSED]').waitFor()
  await signInOn(page, PEOPLE.acmeMember)
  await page.locator('[data-fixture]').first().waitFor()
  expect(page.url()).toContain('market=OVER_UNDER')
})

test('a session outlives a reload, and no script can read what it lives by', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await page.reload()
  await page.locator('[data-fixture]').first().waitFor()
  const readable = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
  )
  expect(readable).not.toMatch(/dsr_|eyJ/)
  const [cookie] = await guest.context.cookies(`${world.origin}/console/session`)
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/console/session' })
})

test('a second tab that signs out closes the first one too, and nothing of it stays on the screen', async () => {
  await using guest = await visit(browser, world)
  const first = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await first.locator('[data-fixture]').first().waitFor()
  const second = await guest.openTab()
  await second.goto('/console/odds')
  await second.getByRole('button', { name: /^Account of/ }).click()
  await second.getByRole('menuitem', { name: 'Sign out' }).click()
  await first.locator('[data-state=signed-out-elsewhere]').waitFor()
  expect(await first.locator('[data-fixture]').count()).toBe(0)
  await first.reload()
  await first.getByLabel('E-mail').waitFor()
})

test('two tabs that open at once renew their one session without ending it', async () => {
  await using guest = await visit(browser, world)
  await openAs(guest, '/odds', PEOPLE.acmeMember)
  const tabs = await Promise.all([1, 2, 3].map(() => guest.openTab()))
  await Promise.all(tabs.map((tab) => tab.goto('/console/bets')))
  for (const tab of tabs) await tab.getByRole('button', { name: /^Account of/ }).waitFor()
})

test('a session that is revoked ends the page with a reason and a way back', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeAnalyst)
  await page.locator('[data-fixture]').first().waitFor()
  const userId = await idOf(await world.platform.as(PEOPLE.acmeAnalyst))
  const revoke =
    'mutation ($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) { count } }'
  await must(await operator(), revoke, { input: { userId } })
  await page.locator('[data-state=ended]').waitFor()
  expect(await page.locator('[data-fixture]').count()).toBe(0)
  await signInOn(page, PEOPLE.acmeAnalyst)
  await page.locator('[data-fixture]').first().waitFor()
})

test('a token that the platform refuses meanwhile is renewed without a word', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/bets', PEOPLE.acmeMember)
  await page.locator('[data-account]').waitFor()
  const ask = await operator()
  const [userId, roleId] = [
    await idOf(await world.platform.as(PEOPLE.acmeMember)),
    await roleNamed(ask, 'analyst'),
  ]
  // Rights that change make every token stale that was made before.
  const takeBack = await grant(ask, { userId, roleId, tenantId: ACME })
  await page.getByRole('link', { name: 'Odds' }).click()
  await page.locator('[data-fixture]').first().waitFor()
  expect(await page.getByLabel('E-mail').count()).toBe(0)
  await takeBack()
})

test('a right that is lost while somebody looks takes the page away, and says which right it was', async () => {
  const ask = await operator()
  const [userId, roleId] = [
    await idOf(await world.platform.as(PEOPLE.acmeOfficer)),
    await roleNamed(ask, 'tenant-admin'),
  ]
  const takeBack = await grant(ask, { userId, roleId, tenantId: ACME })
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/security', PEOPLE.acmeOfficer)
  await page.locator('[data-event]').first().waitFor()
  await takeBack()
  await page.locator('[data-state=forbidden]').waitFor()
  expect(await page.locator('[data-event]').count()).toBe(0)
  expect(await page.locator('[data-state=forbidden]').innerText()).toContain('security:read')
})

test('a restart of the platform leaves the person signed in and the board going on', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await page.locator('[data-fixture]').first().waitFor()
  await world.restart()
  await expect
    .poll(
      () => page.getByRole('button', { name: /^Live connection/ }).getAttribute('data-live'),
      PATIENT,
    )
    .toBe('live')
  const cell = page.locator('[data-selection]').first()
  const before = await cell.getAttribute('data-odds')
  await expect.poll(() => cell.getAttribute('data-odds'), PATIENT).not.toBe(before)
  expect(await page.getByLabel('E-mail').count()).toBe(0)
})

test('without a network the page says so, sends nothing, and goes on when it is back', async () => {
  await using guest = await visit(browser, { origin: afar(world.origin) })
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await page.locator('[data-fixture]').first().waitFor()
  await page.setViewportSize({ width: 390, height: 600 })
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  await guest.context.setOffline(true)
  await page.locator('[data-state=offline]').waitFor()
  // Wherever the page is scrolled to.
  const seenAt = () => page.locator('[data-state=offline]').boundingBox()
  await expect.poll(async () => (await seenAt())?.y ?? 0).toBeGreaterThanOrEqual(56)
  expect((await seenAt())?.y).toBeLessThan(200)
  await page.locator('button[data-selection]:enabled').first().click()
  await page.getByLabel('Stake in EUR').fill('5')
  // Prices move every second here.
  await page.getByText('Any', { exact: true }).click()
  await page.getByRole('button', { name: /^Place the bet/ }).click()
  await page.locator('[data-code=CONSOLE_OFFLINE]').waitFor()
  expect(await page.locator('[data-state=uncertain]').count()).toBe(0)
  await guest.context.setOffline(false)
  await page.locator('[data-state=offline]').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^Place the bet/ }).click()
  await page.getByText('5.00 EUR at').waitFor()
})

test('who signs out while the platform is away is signed out there too when it is back', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await world.proxy.refuse()
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.locator('[data-state=signed-out]').waitFor()
  await world.proxy.accept()
  await page.reload()
  await page.getByLabel('E-mail').waitFor()
  const [cookie] = await guest.context.cookies(`${world.origin}/console/session`)
  expect(cookie).toBeUndefined()
})

test('who signs out while the platform is away stays signed out, whatever the page does meanwhile', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  const isRenewal = (url: string) => url.includes('/console/session')
  await page.route('**/console/session**', (route) => route.abort())
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.locator('[data-state=signed-out]').waitFor()
  await page.reload()
  await page.getByText('The platform cannot be reached').waitFor()
  const told: string[] = []
  page.on('request', (request) => {
    if (isRenewal(request.url())) told.push(request.method())
  })
  await page.unroute('**/console/session**')
  await page.getByLabel('E-mail').waitFor()
  expect(told[0]).toBe('DELETE')
  // The next person is let in, and stays.
  await signInOn(page, PEOPLE.acmeAnalyst)
  await page.reload()
  await page.getByRole('button', { name: 'Account of Anna Analyst' }).waitFor()
})

test('an answer to a renewal that is cut off throws nobody out', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds', PEOPLE.acmeMember)
  await page.route('**/console/session/renewal', (route) =>
    route.fulfill({ status: 200, contentType: 'application/json', body: '{"data":{"sess' }),
  )
  await page.reload()
  await page.getByText('The platform cannot be reached').waitFor()
  await page.unroute('**/console/session/renewal')
  await page.locator('[data-fixture]').first().waitFor()
})

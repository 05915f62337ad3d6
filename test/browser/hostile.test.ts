import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { openAs, startBrowser, visit } from './kit/browser.ts'
import { type ConsolePlatform, startConsolePlatform } from './kit/console-platform.ts'
import { must } from './kit/people.ts'

let world: ConsolePlatform
let browser: Browser

beforeAll(async () => {
  world = await startConsolePlatform()
  browser = await startBrowser()
  fillSecurityEvents(world.platform.dataDir)
})

afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>'

test('a name with markup is text wherever it is shown', async () => {
  const operator = await world.platform.as(PEOPLE.operator)
  const open = 'mutation ($input: OpenTenantInput!) { openTenant(input: $input) { id } }'
  const { openTenant } = await must<{ openTenant: { id: string } }>(operator, open, {
    input: { code: 'markup', name: MARKUP },
  })
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/tenants', PEOPLE.operator)
  await page.getByText(MARKUP).first().waitFor()
  await page.goto(`/console/tenants/${openTenant.id}`)
  await page.getByRole('heading', { name: MARKUP }).waitFor()
  expect(await page.locator('main img, main script').count()).toBe(0)
  expect(guest.noted).toEqual({ errors: [], foreign: [] })
})

const ROWS = 10_000

/** Rows that no person could make in a test's time; the page reads them as any others. */
function fillSecurityEvents(dataDir: string): void {
  const database = new DatabaseSync(join(dataDir, 'identity.sqlite'))
  database.exec(`
    with recursive number (n) as (select 1 union all select n + 1 from number where n < ${ROWS})
    insert into security_events (event_type, user_id, event_data, risk_score, timestamp)
    select 'session.signed-in', 1, '{}', 0.1, 1700000000000 + n * 1000 from number`)
  database.close()
}

test('ten thousand rows are scrolled to their end with some dozens of them drawn at once', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/security', PEOPLE.operator)
  await page.locator('[data-event]').first().waitFor()
  const list = page.locator('section[aria-label] ul').last()
  let size = 0
  const sizeNow = async () => Number(await list.locator('li').last().getAttribute('aria-setsize'))
  const told = () => page.locator('main [role=alert]').allInnerTexts()
  // Pages come as the end comes near.
  while (size < ROWS) {
    // As somebody does who goes on scrolling until more is there.
    const isLonger = async () => {
      await list.evaluate((rows) => rows.parentElement?.scrollTo(0, rows.scrollHeight))
      return (await sizeNow()) > size
    }
    await expect
      .poll(async () => ({ isLonger: await isLonger(), told: await told() }))
      .toEqual({ isLonger: true, told: [] })
    size = await sizeNow()
    expect(await list.locator('li').count()).toBeLessThan(100)
  }
  expect(guest.noted.errors).toEqual([])
}, 300_000)

test('a page of a list that does not come is told of, and asked again alone', async () => {
  await using guest = await visit(browser, world)
  const { page } = guest
  const asked: unknown[] = []
  let isCut = true
  await page.route('**/graphql', async (route) => {
    const { operationName, variables } = route.request().postDataJSON()
    if (operationName !== 'ConsoleSecurityEvents' || variables.first !== 100)
      return route.continue()
    asked.push(variables.after)
    return variables.after !== null && isCut ? route.abort() : route.continue()
  })
  await openAs(guest, '/security', PEOPLE.operator)
  const list = page.locator('section[aria-label^="Security events"] ul')
  await list.locator('li').first().waitFor()
  await list.evaluate((rows) => rows.parentElement?.scrollTo(0, rows.scrollHeight))
  const again = page.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  const size = async () => Number(await list.locator('li').last().getAttribute('aria-setsize'))
  const before = await size()
  expect(asked.filter((after) => after === null)).toHaveLength(1)
  isCut = false
  await again.click()
  await expect.poll(size).toBeGreaterThan(before)
  expect(asked.filter((after) => after === null)).toHaveLength(1)
  expect(await again.isVisible()).toBe(false)
})

test('where the script does not come, the page says so and what to do', async () => {
  await using guest = await visit(browser, world)
  await guest.page.route('**/assets/*.js', (route) => route.abort('blockedbyclient'))
  await guest.page.goto('/console/odds')
  const note = guest.page.getByRole('heading', { name: 'The console did not start' })
  expect(await note.isVisible()).toBe(false)
  await note.waitFor({ state: 'visible', timeout: 20_000 })
})

test('a foreign script does not run, and the page tells that something was stopped', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeMember)
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.title = "taken over"'
    document.head.append(script)
    const image = document.createElement('img')
    image.src = 'https://elsewhere.example/pixel.png'
    document.body.append(image)
  })
  await page.locator('[data-state=policy]').waitFor()
  expect(await page.title()).not.toBe('taken over')
  expect(guest.noted.errors.join()).toContain('Content Security Policy')
})

test('the page cannot be framed, and its policy allows no script but its own', async () => {
  const { headers } = await fetch(`${world.origin}/console/odds`)
  const policy = headers.get('content-security-policy') ?? ''
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
})

test('an address that is none is answered by the page that says so, and a file that is none by 404', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/odds/999999', PEOPLE.acmeMember)
  await page.getByText('There is no such fixture').waitFor()
  await page.goto('/console/%3Cscript%3E?market=%00&q[]=1')
  await page.getByText('There is no page at this address').waitFor()
  expect((await fetch(`${world.origin}/console/assets/none.js`)).status).toBe(404)
  expect((await fetch(`${world.origin}/console/../package.json`)).status).toBe(404)
  expect((await fetch(`${world.origin}/console/..%2f..%2fpackage.json`)).status).toBe(404)
})

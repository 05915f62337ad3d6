import type { Browser, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { openPartner, type Partner } from '../sdk/partner.ts'
import { openAs, startBrowser, visit } from './kit/browser.ts'
import { type ConsolePlatform, startConsolePlatform } from './kit/console-platform.ts'

const LONGEST_MS = 180_000

let world: ConsolePlatform
let browser: Browser
let partner: Partner

beforeAll(async () => {
  world = await startConsolePlatform({ ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: '1' })
  browser = await startBrowser()
  partner = await openPartner()
}, LONGEST_MS)

afterAll(async () => {
  await partner?.[Symbol.asyncDispose]()
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

const SCOPES = ['odds:read', 'fixtures:read']

/** Makes a key as a partner would. @returns its secret */
async function createKey(page: Page): Promise<string> {
  await page.goto('/console/keys')
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await page.getByLabel('Name').fill('Odds importer')
  for (const scope of SCOPES) await page.getByRole('checkbox', { name: scope }).check()
  await page.getByRole('button', { name: 'Create the key' }).click()
  const secret = await page.locator('[data-secret]').innerText()
  await page.getByRole('checkbox', { name: 'I have stored it' }).check()
  return secret
}

/** Writes an operation in place of what the editor holds. */
async function write(page: Page, operation: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Operation' })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(operation)
}

/** The operation as code for the SDK. */
async function copyForSdk(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Copy as' }).click()
  const code = await page.locator('[data-snippet=sdk]').innerText()
  await page.keyboard.press('Escape')
  return code
}

const ASKED = `query NextFixtures {
  fixtures(first: 2) {
    edges {
      node {
        home
        away
      }
    }
  }
}`
const FOLLOWED = `subscription Prices {
  oddsChanged {
    odds
    source
  }
}`
const BEYOND = '{ users(first: 1) { edges { node { email } } } }'

test(
  'a partner signs in, makes a key, looks what an operation needs, runs it, and takes it into the SDK',
  async () => {
    await using guest = await visit(browser, world)
    const page = await openAs(guest, '/account', PEOPLE.acmeAdmin)
    const secret = await createKey(page)
    await page.getByRole('button', { name: 'Open the playground with this key' }).click()

    await write(page, ASKED)
    await page.locator('[data-explain=explained]').waitFor()
    expect(await page.locator('[data-held=true]').count()).toBeGreaterThan(0)
    expect(await page.locator('[data-held=false]').count()).toBe(0)
    expect(await page.locator('[data-summary]').innerText()).toMatch(/\d+ points/)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('[data-run=answered]').waitFor()
    expect(await page.locator('[data-run=answered]').innerText()).toContain('"home"')

    const query = await copyForSdk(page)
    expect(query).not.toContain(secret)
    expect(await partner.compile({ 'copied.ts': query })).toBe('')
    expect(await partner.run('copied.ts', { DBSBM_API_KEY: secret })).toContain('fixtures:')

    await write(page, FOLLOWED)
    await page.getByRole('button', { name: 'Follow' }).click()
    await expect
      .poll(async () => Number(await page.locator('[data-events]').getAttribute('data-events')), {
        timeout: 30_000,
      })
      .toBeGreaterThan(3)
    await page.getByRole('button', { name: 'Stop' }).click()
    const subscription = await copyForSdk(page)
    const ending = subscription.replace('console.log(cursor, data)', '$&\n  break')
    expect(await partner.compile({ 'followed.ts': ending })).toBe('')
    expect(await partner.run('followed.ts', { DBSBM_API_KEY: secret })).toContain('oddsChanged')

    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, location.href]))
    expect(kept).not.toContain(secret)
    expect(guest.noted).toEqual({ errors: [], foreign: [] })
  },
  LONGEST_MS,
)

test('what a key may not ask is said before it runs, and refused when it runs', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeAdmin)
  await createKey(page)
  await page.getByRole('button', { name: 'Open the playground with this key' }).click()
  await write(page, BEYOND)
  await page.locator('[data-held=false]').filter({ hasText: 'users:read' }).first().waitFor()
})

test('who is not signed in may bring a key, and is told when it is none', async () => {
  await using guest = await visit(browser, world)
  const { page } = guest
  await page.goto('/console/playground')
  await page.getByText('An API key', { exact: true }).click()
  await page.getByLabel('API key, kept in memory alone').fill('dsk_nonsense')
  await write(page, ASKED)
  await page.getByText('API_KEY_INVALID').first().waitFor()
})

const CHANGE = `mutation TypedKey {
  createApiKey(input: { name: "Typed", scopes: ["odds:read"] }) {
    apiKey {
      name
    }
  }
}`

/** The operations of this name that a page sends from now on, each as it is sent. */
function noteSent(page: Page, name: string): Record<string, unknown>[] {
  const sent: Record<string, unknown>[] = []
  page.on('request', (request: Request) => {
    const body = request.postData() ?? ''
    if (body.includes(name)) sent.push(JSON.parse(body) as Record<string, unknown>)
  })
  return sent
}

async function countKeys(page: Page, name: string): Promise<number> {
  await page.goto('/console/keys')
  await page.getByText(name, { exact: true }).first().waitFor()
  return page.getByText(name, { exact: true }).count()
}

test('a change that was only typed asks nothing; Run looks at it once, and makes it once', async () => {
  await using guest = await visit(browser, world)
  const { page } = guest
  await page.clock.install()
  await openAs(guest, '/account', PEOPLE.acmeAdmin)
  await page.goto('/console/playground')
  const queries = noteSent(page, 'NextFixtures')
  await write(page, ASKED)
  await page.clock.fastForward(2_000)
  await page.locator('[data-explain=explained]').waitFor()
  expect(queries).toHaveLength(1)

  const changes = noteSent(page, 'TypedKey')
  await write(page, CHANGE)
  await page.locator('[data-explain=change]').waitFor()
  await page.clock.fastForward(10_000)
  expect(changes).toEqual([])

  await page.getByRole('button', { name: 'Run the change' }).click()
  await page.locator('[data-run=answered]').waitFor()
  expect(changes.map(({ extensions }) => extensions)).toEqual([{ explain: true }, undefined])
  expect(await countKeys(page, 'Typed')).toBe(1)
})

test('a change that reaches a gateway of a version that explains nothing is made once', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeAdmin)
  await page.goto('/console/playground')
  await write(page, ASKED)
  await page.locator('[data-explain=explained]').waitFor()
  await page.route('**/graphql', async (route) => {
    const { extensions: _ignored, ...known } = route.request().postDataJSON()
    await route.continue({ postData: JSON.stringify(known) })
  })
  const changes = noteSent(page, 'TypedKey')
  await write(page, CHANGE.replace('"Typed"', '"Once"'))
  await page.getByRole('button', { name: 'Run the change' }).click()
  await page.locator('[data-run=answered]').waitFor()
  expect(await page.locator('[data-run=answered]').innerText()).toContain('"Once"')
  expect(changes).toHaveLength(1)
  await page.unroute('**/graphql')
  expect(await countKeys(page, 'Once')).toBe(1)
})

test('a stream that sends what cannot be read is given up, and says so', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeAdmin)
  await page.goto('/console/playground')
  await page.route('**/graphql', (route) =>
    route.request().headers().accept === 'text/event-stream'
      ? route.fulfill({ contentType: 'text/event-stream', body: 'data: {"errors" no\n\n' })
      : route.continue(),
  )
  await write(page, FOLLOWED)
  await page.getByRole('button', { name: 'Follow' }).click()
  await page.locator('[data-run=stream-broken]').waitFor()
  await page.locator('[data-code=EVENT_UNREADABLE]').waitFor()
  await page.getByRole('button', { name: 'Follow' }).waitFor()
  expect(guest.noted.errors).toEqual([])
})

test('what one person typed is gone when that person signs out, on whichever page', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/account', PEOPLE.acmeAdmin)
  await page.goto('/console/playground')
  await write(page, '{ me { email } } # only mine')
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }))
  await expect.poll(kept).toContain('only mine')
  await page.reload()
  await page.getByText('only mine').waitFor()
  await page.goto('/console/account')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('E-mail').waitFor()
  expect(await kept()).not.toContain('only mine')
  await page.goto('/console/playground')
  await page.getByRole('textbox', { name: 'Operation' }).waitFor()
  expect(await page.getByText('only mine').count()).toBe(0)
})

test('a last day that is none is told at its field, and nothing is sent', async () => {
  await using guest = await visit(browser, world)
  const page = await openAs(guest, '/keys', PEOPLE.acmeAdmin)
  const sent = noteSent(page, 'ConsoleCreateApiKey')
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await page.getByLabel('Name').fill('Never')
  await page.getByRole('checkbox', { name: 'odds:read' }).check()
  await page.getByRole('combobox', { name: 'For how long' }).click()
  await page.getByRole('option', { name: 'Until a date' }).click()
  for (const [day, complaint] of [
    ['', 'Choose the last day.'],
    ['2020-01-01', 'This day is over: choose today or a later one.'],
  ] as const) {
    await page.getByLabel('Last day').fill(day)
    await page.getByRole('button', { name: 'Create the key' }).click()
    await page.getByText(complaint).waitFor()
  }
  expect(sent).toEqual([])
  expect(guest.noted.errors).toEqual([])
})

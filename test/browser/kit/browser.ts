import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Debian's package puts it; the tests of the console need no other browser. */
const CHROMIUM = '/usr/bin/chromium'
const PATIENCE_MS = 30_000

/** What a visit may not do, noted while it lasts. */
export type Noted = {
  /** Errors of scripts and of the browser's console. */
  errors: string[]
  /** Requests to any other origin than the platform's. */
  foreign: string[]
}

/** A person before a browser of their own: nothing is shared with another visit. */
export type Visit = AsyncDisposable & {
  context: BrowserContext
  page: Page
  noted: Noted
  /** Another tab of the same browser. */
  openTab: () => Promise<Page>
}

export type VisitOptions = {
  /** Origin of the platform. */
  origin: string
  scheme?: 'light' | 'dark'
  width?: number
  height?: number
}

/** The same place under a name that is not the browser's own machine: what needs a network has none there. */
export const afar = (origin: string) => origin.replace('127.0.0.1', 'console.localhost')

/** One Chromium for the tests of a file. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is missing: apt-get update && apt-get install chromium`)
  }
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // The tests may run as root, where Chromium has no sandbox of its own.
    args: ['--no-sandbox', '--disable-gpu'],
  })
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() })
}

function watch(page: Page, noted: Noted, origin: string): void {
  page.on('pageerror', (failure) => noted.errors.push(String(failure)))
  page.on('console', (message) => {
    if (message.type() === 'error') noted.errors.push(message.text())
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    const isOwn = url.host === new URL(origin).host || url.protocol === 'data:'
    if (!isOwn && url.protocol !== 'blob:') noted.foreign.push(request.url())
  })
}

/** Opens a browser as somebody new; the console has not been opened yet. */
export async function visit(browser: Browser, options: VisitOptions): Promise<Visit> {
  const { origin, scheme = 'light', width = 1280, height = 900 } = options
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const noted: Noted = { errors: [], foreign: [] }
  const openTab = async () => {
    const page = await context.newPage()
    watch(page, noted, origin)
    return page
  }
  const page = await openTab()
  return { context, page, noted, openTab, [Symbol.asyncDispose]: () => context.close() }
}

type Person = { email: string; password: string }

/** Signs in as anybody would, on whichever page is open; waits until the console shows it. */
export async function signInOn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^Account of/ }).waitFor()
}

/** Opens a page of the console as that person. */
export async function openAs(visit: Visit, path: string, person: Person): Promise<Page> {
  await visit.page.goto(`/console${path}`)
  await signInOn(visit.page, person)
  return visit.page
}

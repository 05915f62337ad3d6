import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startPlatform } from './embedded.ts'
import type { Benchmark, Findings } from './report.ts'

const PORT = 4252
const CHROMIUM = '/usr/bin/chromium'
const RUNS = 5
const MEMBER = { email: 'member@acme.example', password: 'demo-member' }
/** After this the page has long drawn what is largest on it. */
const SETTLED_MS = 1_500

type Load = { lcpMs: number; scriptKb: number; styleKb: number; requests: number; readyMs: number }

/** When the largest thing was drawn, as the browser measures it. */
const largestPaint = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) =>
          resolve(list.getEntries().at(-1)?.startTime ?? 0),
        ).observe({ type: 'largest-contentful-paint', buffered: true })
      }),
  )

/** What one visit downloads, each file as it weighs under gzip. */
async function load(page: Page, path: string, ready: string): Promise<Load> {
  const weights = { js: 0, css: 0 }
  let requests = 0
  const reading: Promise<void>[] = []
  page.on('response', (response) => {
    requests++
    // By its name: what is loaded ahead of being wanted is no script to the browser yet.
    const [, kind] = /\.(js|css)$/.exec(new URL(response.url()).pathname) ?? []
    if (kind !== 'js' && kind !== 'css') return
    const weigh = async () => {
      const body = await response.body()
      weights[kind] += gzipSync(body, { level: 9 }).length
    }
    reading.push(weigh())
  })
  const began = performance.now()
  await page.goto(path)
  await page.locator(ready).first().waitFor()
  const readyMs = performance.now() - began
  await page.waitForTimeout(SETTLED_MS)
  const lcpMs = await largestPaint(page)
  await Promise.all(reading)
  const kb = (bytes: number) => Math.round(bytes / 100) / 10
  return {
    lcpMs: Math.round(lcpMs),
    scriptKb: kb(weights.js),
    styleKb: kb(weights.css),
    requests,
    readyMs: Math.round(readyMs),
  }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(MEMBER.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(MEMBER.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /^Account of/ }).waitFor()
}

/** Each in a browser that has seen nothing yet; the second one signed in before. */
async function visitOnce(browser: Browser, origin: string) {
  const options = { baseURL: origin, viewport: { width: 1280, height: 900 } }
  await using nobody = await browser.newContext(options)
  const signedOut = await load(await nobody.newPage(), '/console/', 'input[type=email]')
  await using member = await browser.newContext(options)
  const first = await member.newPage()
  await first.goto('/console/account')
  await signIn(first)
  const cookies = await member.cookies(`${origin}/console/session`)
  await using fresh = await browser.newContext(options)
  await fresh.addCookies(cookies)
  const board = await load(await fresh.newPage(), '/console/odds', '[data-fixture]')
  const again = await load(await fresh.newPage(), '/console/odds', '[data-fixture]')
  return { signedOut, board, again }
}

const row = (visit: string, loads: readonly Load[]) => {
  const median = (measure: keyof Load) =>
    loads.map((one) => one[measure]).toSorted((a, b) => a - b)[Math.floor(loads.length / 2)] ?? null
  return {
    visit,
    'LCP, median ms': median('lcpMs'),
    'LCP, slowest ms': Math.max(...loads.map(({ lcpMs }) => lcpMs)),
    'there after, median ms': median('readyMs'),
    'JavaScript, gzip kB': median('scriptKb'),
    'styles, gzip kB': median('styleKb'),
    requests: median('requests'),
  }
}

async function measure(): Promise<Findings> {
  await using platform = await startPlatform(PORT, { ODDS_FEED: 'simulator' })
  const { origin } = new URL(platform.url)
  await using browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox'],
  })
  const runs: Awaited<ReturnType<typeof visitOnce>>[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await visitOnce(browser, origin))
  return {
    tables: [
      {
        title: 'From the address to the page, in Chromium on the same machine',
        rows: [
          row(
            'sign-in, nothing kept',
            runs.map(({ signedOut }) => signedOut),
          ),
          row(
            'odds board, signed in, nothing kept',
            runs.map(({ board }) => board),
          ),
          row(
            'odds board, again',
            runs.map(({ again }) => again),
          ),
        ],
      },
    ],
    notes: [
      'Goals: 250 kB of JavaScript under gzip at the first load, largest contentful paint (LCP) under 1,500 ms.',
      'The browser, the platform and its five subgraphs share the cores. Files kept by the browser weigh what they weighed.',
    ],
  }
}

/** How much a browser loads, and how long somebody waits before something is there. */
export const consoleBenchmark: Benchmark = { name: 'console', title: 'The console', measure }

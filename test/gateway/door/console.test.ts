import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const SCRIPT = 'console.info("built")\n'.repeat(100)
const PAGE = '<!doctype html><head><!-- facts of the gateway --></head><body></body>'

let folder: string
let world: GatewayWorld

/** A built console as small as one can be. */
function writeConsole(into: string): void {
  mkdirSync(join(into, 'assets'), { recursive: true })
  writeFileSync(join(into, 'index.html'), PAGE)
  writeFileSync(join(into, 'assets/index-abc.js'), SCRIPT)
  writeFileSync(join(into, 'assets/index-abc.js.gz'), gzipSync(SCRIPT))
  writeFileSync(join(into, 'favicon.svg'), '<svg/>')
  writeFileSync(join(into, '.made-from'), 'nobody is told')
}

const start = (consoleFolder: string, settings = {}) =>
  startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { console: true, ...settings },
    options: { consoleFolder },
  })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dbsbm-console-'))
  writeConsole(folder)
  world = await start(folder)
})

afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.url}${path}`, { headers, redirect: 'manual' })

describe('the way into the console', () => {
  test('leads from the root, from its folder, and for browsers from the endpoint', async () => {
    const leads = await Promise.all([
      get('/'),
      get('/console'),
      get('/graphql', { accept: 'text/html,*/*' }),
    ])
    expect(leads.map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [302, '/console/'],
      [302, '/console/'],
      [302, '/console/playground'],
    ])
  })

  test('is none where the console is off', async () => {
    await using off = await start(folder, { console: false })
    for (const path of ['/', '/console/', '/console/favicon.svg']) {
      expect((await fetch(`${off.url}${path}`, { redirect: 'manual' })).status).toBe(404)
    }
  })

  test('a console that was not built is said to be missing, and is there once it is built', async () => {
    const later = mkdtempSync(join(tmpdir(), 'dbsbm-console-'))
    await using unbuilt = await start(later)
    const missing = await fetch(`${unbuilt.url}/console/`)
    expect([missing.status, await missing.text()]).toEqual([
      503,
      expect.stringContaining('CONSOLE_MISSING'),
    ])
    writeConsole(later)
    expect((await fetch(`${unbuilt.url}/console/`)).status).toBe(200)
    rmSync(later, { recursive: true })
  })
})

describe('the page', () => {
  test('stands for every path without an ending, under a nonce of its own', async () => {
    const pages = await Promise.all(
      ['/console/', '/console/odds', '/console/a/b'].map((at) => get(at)),
    )
    const nonces = pages.map(({ headers }) => {
      const policy = headers.get('content-security-policy') ?? ''
      return /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    })
    const texts = await Promise.all(pages.map((page) => page.text()))
    expect(new Set(nonces).size).toBe(3)
    for (const [place, text] of texts.entries()) {
      expect(text).toContain(`name="dbsbm:nonce" content="${nonces[place]}"`)
      expect(text).toContain('name="dbsbm:platform" content="no"')
    }
    expect(pages[0]?.headers.get('cache-control')).toBe('no-store')
    expect(pages[0]?.headers.get('x-frame-options')).toBe('DENY')
  })

  test('is read, and nothing else is done with it', async () => {
    const posted = await fetch(`${world.url}/console/odds`, { method: 'POST', body: 'x' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const head = await fetch(`${world.url}/console/odds`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('files', () => {
  test('under a hash are kept for a year, others for an hour', async () => {
    const script = await get('/console/assets/index-abc.js')
    expect(await script.text()).toBe(SCRIPT)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const icon = await get('/console/favicon.svg')
    expect(icon.headers.get('cache-control')).toBe('public, max-age=3600')
  })

  test('come in the form in which they were compressed, to who takes it', async () => {
    const zipped = await get('/console/assets/index-abc.js', { 'accept-encoding': 'gzip' })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(await zipped.text()).toBe(SCRIPT)
    const plain = await get('/console/assets/index-abc.js', { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('vary')).toBe('accept-encoding')
    const refusing = await get('/console/assets/index-abc.js', { 'accept-encoding': 'gzip;q=0' })
    expect(refusing.headers.get('content-encoding')).toBeNull()
  })

  test.each([
    '/console/assets/none.js',
    '/console/.made-from',
    '/console/index-abc.js.gz',
    '/console/assets/index-abc.js.gz',
    '/console/..%2fpackage.json',
    '/console/%2e%2e/package.json',
    '/console/assets/%00.js',
    '/console/.hidden',
  ])('%s is none of them', async (path) => {
    const response = await get(path)
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('PATH_UNKNOWN'),
    ])
  })
})

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLES } from '#gateway/playground/examples.ts'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: GatewayWorld

beforeAll(async () => {
  world = await startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { playground: true },
    options: { playground: { title: 'Readers', examples: ['query Example { me { name } }'] } },
  })
})
afterAll(() => world[Symbol.asyncDispose]())

const visit = (headers: Record<string, string> = {}) =>
  fetch(world.endpoint, { headers: { accept: 'text/html', ...headers } })

describe('its examples', () => {
  test('stay clear of the buttons and name the header as it is sent', () => {
    const lines = EXAMPLES.join('\n').split('\n')
    expect(lines.filter((line) => line.length > 58)).toEqual([])
    expect(EXAMPLES[0]).toContain('"authorization": "Bearer …"')
    expect(EXAMPLES[0]).toMatch(/Headers of each/)
    expect(EXAMPLES[0]).toContain('five minutes')
  })
})

describe('the playground', () => {
  test('is one page that loads nothing from anywhere', async () => {
    const html = await (await visit({ 'accept-encoding': 'identity' })).text()
    expect(html).toContain('Readers')
    expect(html).toContain('query Example')
    const page = html
      .replace(/<script>[\s\S]*?<\/script>/g, '')
      .replace(/<style>[\s\S]*?<\/style>/g, '')
    expect(page).not.toMatch(/(src|href)="(?!data:)/)
    expect(html).not.toMatch(/<script[^>]+src=/)
    expect(html).not.toMatch(/@import|url\(["']?https?:/)
  })

  test('runs only the script that stands in it', async () => {
    const response = await visit()
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text)
    const hashes = scripts.map(
      (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    )
    expect(hashes).toHaveLength(2)
    expect(policy).toContain(`script-src ${hashes.join(' ')};`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
  })

  test('travels compressed, and not again to whoever has it', async () => {
    const first = await visit({ 'accept-encoding': 'gzip' })
    expect(first.headers.get('content-encoding')).toBe('gzip')
    const etag = first.headers.get('etag') ?? ''
    expect((await first.text()).length).toBeGreaterThan(1_000_000)
    const again = await visit({ 'if-none-match': etag })
    expect(again.status).toBe(304)
  })

  test('is not there where it is off', async () => {
    await using closed = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
    const response = await fetch(closed.endpoint, { headers: { accept: 'text/html' } })
    expect(response.headers.get('content-type') ?? '').not.toContain('html')
    expect(response.status).toBe(406)
  })
})

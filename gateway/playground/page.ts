import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

/** The playground as one page that loads nothing from anywhere else. */
export type PlaygroundPage = { html: string; contentSecurityPolicy: string }

export type PlaygroundOptions = {
  endpoint: string
  title: string
  /** Shown in tabs of their own at the first visit. */
  examples: readonly string[]
}

/** An empty header is no credential: the editor shows where one goes, and nobody is nobody. */
const HEADERS = '{\n  "authorization": ""\n}'

const partOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

/** Stands before GraphiQL, whose questions it has to see. */
function withPlanView(html: string): string {
  const [style, script] = [partOf('./plan-view.css'), partOf('./plan-view.js')]
  return html.replace('<head>', () => `<head><style>${style}</style><script>${script}</script>`)
}

/** GraphiQL with everything it needs inside, and the policy under which a browser may run it. */
export function renderPlayground({ endpoint, title, examples }: PlaygroundOptions): PlaygroundPage {
  const editor = renderGraphiQL({
    endpoint,
    title,
    headers: HEADERS,
    // Subscriptions by SSE carry the headers of the editor; a browser's WebSocket cannot.
    subscriptionsProtocol: 'SSE',
    // Its subscriptions travel by GET, which passes only with a header that browsers ask about.
    additionalHeaders: { 'apollo-require-preflight': '1', 'x-dbsbm-query-plan': '1' },
    defaultTabs: examples.map((query) => ({ query, headers: HEADERS })),
    shouldPersistHeaders: false,
  } as Parameters<typeof renderGraphiQL>[0])
  const html = withPlanView(editor)
  return { html, contentSecurityPolicy: policyFor(html) }
}

/** Only the scripts that stand in the page run; it talks to its own origin alone. */
function policyFor(html: string): string {
  const hashes = inlineScripts(html).map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script)
}

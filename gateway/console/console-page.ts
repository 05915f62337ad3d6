/** What the page is told by the gateway that serves it. */
export type ConsoleFacts = {
  endpoint: string
  /** Whether there are people to sign in; without them the playground is all there is. */
  hasPlatform: boolean
  /** Whether the schema may be asked for. */
  hasIntrospection: boolean
}

/** A page made for one answer, and the policy under which a browser may run it. */
export type ServedPage = { html: string; contentSecurityPolicy: string }

const FACTS = '<!-- facts of the gateway -->'
const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  '<': '&lt;',
  '>': '&gt;',
}

const escaped = (text: string) => text.replace(/[&"<>]/g, (sign) => ESCAPED[sign] ?? sign)

const metaOf = ([name, content]: readonly [string, string]) =>
  `<meta name="${name}" content="${escaped(content)}" />`

/**
 * Scripts come from this origin alone, styles besides under a nonce that is made for each answer: the
 * console writes rules of its own, nobody else can. It talks to its own origin, sockets included.
 */
const policyOf = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Writes into the built page what is true of this gateway, and the nonce of this answer. */
export function servePage(page: string, facts: ConsoleFacts, nonce: string): ServedPage {
  const metas = [
    ['dbsbm:nonce', nonce],
    ['dbsbm:endpoint', facts.endpoint],
    ['dbsbm:platform', facts.hasPlatform ? 'yes' : 'no'],
    ['dbsbm:introspection', facts.hasIntrospection ? 'yes' : 'no'],
  ] as const
  const html = page.replace(FACTS, () => metas.map(metaOf).join(''))
  return { html, contentSecurityPolicy: policyOf(nonce) }
}

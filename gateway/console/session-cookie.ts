import { parseIp } from '#kernel/auth/client.ts'

/** Where the cookie is sent, and nowhere else. */
export const SESSION_PATH = '/console/session'

const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,512}$/
const LOOPBACK_IP = /^(127\.|::1$)/

/** How the cookie of one origin is called and guarded. */
type CookieForm = { name: string; isSecure: boolean }

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const ip = parseIp(bare)
  return bare === 'localhost' || (ip !== null && LOOPBACK_IP.test(ip))
}

/**
 * `Secure` everywhere but on this machine itself, where no network carries it; there the port is part
 * of the name, because browsers share cookies between the ports of a host.
 */
function formFor({ hostname, port }: URL): CookieForm {
  if (!isLoopback(hostname)) return { name: '__Secure-dbsbm-session', isSecure: true }
  return { name: `dbsbm-session-${port || '80'}`, isSecure: false }
}

function written({ name, isSecure }: CookieForm, value: string, maxAgeSeconds: number): string {
  const guards = `Path=${SESSION_PATH}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  return `${name}=${value}; Max-Age=${maxAgeSeconds}; ${guards}`
}

/** `Set-Cookie` for a refresh token (RFC 6265bis, section 4.1), which no script of a page can read. */
export function keepingCookie(url: URL, refreshToken: string, maxAgeSeconds: number): string {
  return written(formFor(url), refreshToken, Math.max(0, Math.floor(maxAgeSeconds)))
}

/** `Set-Cookie` that takes it away. */
export const endingCookie = (url: URL): string => written(formFor(url), '', 0)

/**
 * The refresh token that a request carries; null for none, for what could be none, and for several: one of
 * them was planted by another host of the same site.
 */
export function refreshTokenIn(url: URL, header: string | null): string | null {
  const { name } = formFor(url)
  const pairs = (header ?? '').split(/; ?/).filter((part) => part.startsWith(`${name}=`))
  const value = pairs[0]?.slice(name.length + 1) ?? ''
  return pairs.length === 1 && VALUE.test(value) ? value : null
}

/**
 * Where the page stands that sends a request: browsers say so themselves, while a proxy may put a name of
 * its own in place of the host.
 */
export function originOf(request: Request, url: URL): URL {
  const origin = request.headers.get('origin')
  return origin !== null && /^https?:/.test(origin) && URL.canParse(origin) ? new URL(origin) : url
}

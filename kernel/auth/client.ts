import { isIP, isIPv4 } from 'node:net'

/** From where and with which program somebody asks, as the gateway saw it. Personal data. */
export type Client = {
  /** In its canonical form; null where the connection was gone before it was asked for. */
  ip: string | null
  /** Printable ASCII, cut; null where none was sent. */
  userAgent: string | null
}

/** Longest text of an address (RFC 4291, section 2.2, form 3). */
const MAX_IP_CHARACTERS = 45
const MAX_USER_AGENT_CHARACTERS = 256
const UNPRINTABLE = /[^\x20-\x7e]/g
const USER_AGENT = /^[\x20-\x7e]{1,256}$/
/** IPv4-mapped (RFC 4291, section 2.5.5.2), as the URL standard writes it. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

function toDotted([, high = '', low = '']: readonly string[]): string {
  const bytes = [high, low].map((group) => Number.parseInt(group, 16))
  return bytes.flatMap((word) => [word >> 8, word & 255]).join('.')
}

/**
 * An address in the one form in which it is compared: IPv4 as dotted numbers, also where it came
 * mapped into IPv6; IPv6 in lower case, shortened, without zone. Null for what is no address.
 */
export function parseIp(text: string | null | undefined): string | null {
  if (!text || text.length > MAX_IP_CHARACTERS + 20) return null
  const [address = ''] = text.split('%', 1)
  const family = isIP(address)
  if (family !== 6) return family === 4 ? address : null
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = MAPPED.exec(canonical)
  return mapped ? toDotted(mapped) : canonical
}

/** What a connection says of its client, bounded: nothing of it is believed, all of it is a claim. */
export function toClient(seen: {
  ip: string | null | undefined
  userAgent: string | null | undefined
}): Client {
  const program = (seen.userAgent ?? '').replace(UNPRINTABLE, '?')
  const userAgent = program.slice(0, MAX_USER_AGENT_CHARACTERS).trim()
  return { ip: parseIp(seen.ip), userAgent: userAgent === '' ? null : userAgent }
}

function isCanonicalIp(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_IP_CHARACTERS) return false
  return isIPv4(value) || parseIp(value) === value
}

/** Narrows outside data to a client with exactly its fields, bounded, its address canonical. */
export function isClient(value: unknown): value is Client {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false
  const { ip, userAgent } = value as Readonly<Record<string, unknown>>
  const isProgram = typeof userAgent === 'string' && USER_AGENT.test(userAgent)
  return (ip === null || isCanonicalIp(ip)) && (userAgent === null || isProgram)
}

import { isIP } from 'node:net'
import { parseIp } from '../auth/client.ts'

/** How the text of a setting becomes a value: `read` answers undefined for text that it refuses. */
export type Parser<T> = {
  /** Completes the sentence "expected …". */
  expected: string
  read: (text: string) => T | undefined
}

const MAX_TEXT = 1024
const CONTROL_CHARACTER = /\p{Cc}/u

const TRUTH: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
}

/** on or off. */
export const onOff: Parser<boolean> = {
  expected: 'on or off',
  read: (text) => {
    const word = text.toLowerCase()
    return Object.hasOwn(TRUTH, word) ? TRUTH[word] : undefined
  },
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Parser<Word> {
  return {
    expected: `one of ${words.join(', ')}`,
    read: (text) => words.find((word) => word === text),
  }
}

/** A whole number within bounds, both included. */
export function wholeNumber(smallest: number, largest: number): Parser<number> {
  return {
    expected: `a whole number from ${smallest} to ${largest}`,
    read: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= smallest && value <= largest ? value : undefined
    },
  }
}

/** A decimal number within bounds, both included. */
export function decimalNumber(smallest: number, largest: number): Parser<number> {
  return {
    expected: `a number from ${smallest} to ${largest}`,
    read: (text) => {
      const value = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
      return value >= smallest && value <= largest ? value : undefined
    },
  }
}

/** How much comes back in each second, and how much stands at most. */
export type Rate = { perSecond: number; most: number }

/** Points in each second and at most: `1000/50000`. */
export const pointsPerSecond: Parser<Rate> = {
  expected: 'points per second and at most, such as 1000/50000',
  read: (text) => {
    const [, each, all] = /^(\d{1,9})\/(\d{1,12})$/.exec(text) ?? []
    const rate = { perSecond: Number(each), most: Number(all) }
    return rate.perSecond >= 1 && rate.most >= rate.perSecond ? rate : undefined
  },
}

/** Text of a bounded length without control characters. */
export function plainText(what: string, longest = MAX_TEXT): Parser<string> {
  return {
    expected: `${what} (at most ${longest} characters)`,
    read: (text) => (text.length <= longest && !CONTROL_CHARACTER.test(text) ? text : undefined),
  }
}

/** Secret text of a least length; line breaks are allowed, since key files have them. */
export function secretText(what: string, shortest: number): Parser<string> {
  return {
    expected: what,
    read: (text) => (text.length >= shortest && text.length <= 65_536 ? text : undefined),
  }
}

function parseUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = text.length <= MAX_TEXT ? URL.parse(text) : null
  return url && protocols.includes(url.protocol) && url.hostname !== '' ? url : undefined
}

/** An http or https URL; answered without a slash at its end, so that paths can be put behind it. */
export const httpUrl: Parser<string> = {
  expected: 'a URL such as http://127.0.0.1:4001 (no user, query or fragment)',
  read: (text) => {
    const url = parseUrl(text, ['http:', 'https:'])
    if (!url || url.username || url.password || url.search || url.hash) return undefined
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  },
}

/** Where a Redis server is. */
export const redisUrl: Parser<string> = {
  expected: 'a URL such as redis://127.0.0.1:6379',
  read: (text) => (parseUrl(text, ['redis:', 'rediss:']) ? text : undefined),
}

/** What names of keys begin with. */
export const redisPrefix: Parser<string> = {
  expected: 'at most 40 of A-Z a-z 0-9 _ - : .',
  read: (text) => (/^[\w:.-]{1,40}$/.test(text) ? text : undefined),
}

const SQLITE_URL = /^sqlite:(?!\/\/)\P{Cc}{1,1000}$/u

/** Where the database of one subgraph is. */
export const databaseUrl: Parser<string> = {
  expected: 'sqlite:<path>, sqlite::memory:, mysql://… or mariadb://… with host and database name',
  read: (text) => {
    if (SQLITE_URL.test(text)) return text
    const url = parseUrl(text, ['mysql:', 'mariadb:'])
    return url && url.pathname.length > 1 ? text : undefined
  },
}

const isOrigin = (text: string) => parseUrl(text, ['http:', 'https:'])?.origin === text

/** Origins of pages, comma separated. */
export const origins: Parser<readonly string[]> = {
  expected: 'origins such as https://console.example.com, comma separated (at most 100, no *)',
  read: (text) => {
    const listed = text.split(',').map((origin) => origin.trim())
    return listed.length <= 100 && listed.every(isOrigin) ? listed : undefined
  },
}

/** Words of letters, digits, hyphens and underscores, comma separated. */
export const words: Parser<readonly string[]> = {
  expected: 'words such as eu,uk, comma separated (at most 50)',
  read: (text) => {
    const listed = text.split(',').map((word) => word.trim())
    const areWords = listed.every((word) => /^[\w-]{1,64}$/.test(word))
    return listed.length <= 50 && areWords ? listed : undefined
  },
}

const OVERRIDE_LABEL = /^(percent\(\d{1,3}(\.\d{1,8})?\)|[a-z][\w:./-]{0,100})$/i

/** Labels of progressive overrides, as `@override` takes them. */
export const overrideLabels: Parser<readonly string[]> = {
  expected: 'labels of @override such as percent(20),new-prices, comma separated (at most 100)',
  read: (text) => {
    const labels = text.split(',').map((label) => label.trim())
    return labels.length <= 100 && labels.every((label) => OVERRIDE_LABEL.test(label))
      ? labels
      : undefined
  },
}

/** A host name or an IP address to listen on. */
export const hostName: Parser<string> = {
  expected: 'a host name or an IP address such as 127.0.0.1, 0.0.0.0 or ::1',
  read: (text) => (/^[A-Za-z0-9.:-]{1,253}$/.test(text) ? text : undefined),
}

/** A range of addresses: those whose first `prefix` bits are the same. */
export type Network = { address: string; prefix: number; family: 'ipv4' | 'ipv6' }

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. A range of all addresses is refused: it trusts everybody. */
function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const longest = version === 4 ? 32 : 128
  const prefix = bits === undefined ? longest : Number(bits)
  if (version === 0 || prefix < 1 || prefix > longest) return undefined
  // Mapped addresses are compared as IPv4, so such a range would never match.
  if (version === 6 && parseIp(address)?.includes('.')) return undefined
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** Networks in CIDR notation (RFC 4632), comma separated. */
export const networks: Parser<readonly Network[]> = {
  expected: 'networks such as 10.0.0.0/8,fd00::/8, comma separated (at most 100, none of prefix 0)',
  read: (text) => {
    const listed = text.split(',').map((network) => parseNetwork(network.trim()))
    const known = listed.filter((network) => network !== undefined)
    return known.length === listed.length && known.length <= 100 ? known : undefined
  },
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
const HEADER_VALUE = /^[\x20-\x7e]{0,2000}$/

function headerPair(text: string): [string, string] | undefined {
  const [name = '', ...rest] = text.split('=')
  if (rest.length === 0 || !HEADER_NAME.test(name.trim())) return undefined
  try {
    const value = decodeURIComponent(rest.join('=').trim())
    return HEADER_VALUE.test(value) ? [name.trim().toLowerCase(), value] : undefined
  } catch (failure) {
    if (failure instanceof URIError) return undefined
    throw failure
  }
}

/** Headers as `OTEL_EXPORTER_OTLP_HEADERS` has them (OpenTelemetry protocol exporter, after W3C Baggage). */
export const headerPairs: Parser<Readonly<Record<string, string>>> = {
  expected: 'pairs such as authorization=Bearer%20abc, comma separated (at most 20)',
  read: (text) => {
    const listed = text.split(',').map(headerPair)
    const pairs = listed.filter((pair) => pair !== undefined)
    return pairs.length === listed.length && pairs.length <= 20
      ? Object.fromEntries(pairs)
      : undefined
  },
}

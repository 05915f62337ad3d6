/** Where nobody's address is known: within the process, or the connection was gone. One for all. */
export const NO_NETWORK = 'none'

const GROUPS = 8

/** The eight groups of an IPv6 address in canonical form (RFC 5952). */
function groupsOf(ip: string): string[] {
  const [head = '', tail] = ip.split('::')
  const left = head === '' ? [] : head.split(':')
  if (tail === undefined) return left
  const right = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(GROUPS - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right]
}

/**
 * The network that answers for an address, which is canonical: an IPv4 address for itself, an IPv6
 * address by its first 64 bits, because whoever has one has all that begin so (RFC 4291, section 2.5.4).
 */
export function networkOf(ip: string | null | undefined): string {
  if (!ip) return NO_NETWORK
  if (!ip.includes(':')) return `${ip}/32`
  return `${groupsOf(ip).slice(0, 4).join(':')}::/64`
}

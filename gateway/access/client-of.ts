import type { IncomingMessage } from 'node:http'
import { BlockList } from 'node:net'
import { type Client, parseIp, toClient } from '#kernel/auth/client.ts'
import type { Network } from '#kernel/config/parsers.ts'

/** Finds out from where a request came; null for one that no socket carried. */
export type ClientOf = (request: IncomingMessage | undefined) => Client | null

/** Hops looked at, nearest first. */
const MOST_HOPS = 50
/** An address as proxies write it: alone, with a port, or IPv6 in brackets. */
const HOP = /^(?:\[([0-9a-fA-F:.]{2,45})\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}|(\S+))$/

function parseHop(text: string): string | null {
  const [, bracketed, withPort, alone] = HOP.exec(text.trim()) ?? []
  return parseIp(bracketed ?? withPort ?? alone)
}

/** Whether the next hop of a request is one of these proxies. */
export function createIsFromProxy(proxies: readonly Network[]) {
  const isTrusted = createTrust(proxies)
  return ({ socket }: IncomingMessage): boolean => {
    const peer = parseIp(socket.remoteAddress)
    return peer !== null && isTrusted(peer)
  }
}

function createTrust(proxies: readonly Network[]): (ip: string) => boolean {
  const trusted = new BlockList()
  for (const { address, prefix, family } of proxies) trusted.addSubnet(address, prefix, family)
  return (ip) => trusted.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4')
}

/**
 * The address of the socket; where that is a trusted proxy's, the right-most address of
 * `X-Forwarded-For` that is not: each proxy appends whom it saw, and what stands further left anybody
 * may have written. Where the list ends or makes no sense, the last proxy stands for the client.
 */
export function createClientOf(proxies: readonly Network[]): ClientOf {
  const isTrusted = createTrust(proxies)

  const behind = (proxy: string, forwardedFor: string): string => {
    let nearest = proxy
    for (const hop of forwardedFor.split(',').slice(-MOST_HOPS).reverse()) {
      const ip = parseHop(hop)
      if (ip === null) return nearest
      nearest = ip
      if (!isTrusted(ip)) return nearest
    }
    return nearest
  }

  return (request) => {
    if (!request) return null
    const peer = parseIp(request.socket.remoteAddress)
    const forwardedFor = [request.headers['x-forwarded-for'] ?? []].flat().join(',')
    const isForwarded = peer !== null && forwardedFor !== '' && isTrusted(peer)
    const ip = isForwarded ? behind(peer, forwardedFor) : peer
    return toClient({ ip, userAgent: request.headers['user-agent'] })
  }
}

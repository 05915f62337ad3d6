import type { Plugin } from 'graphql-yoga'
import type { GatewayOptions } from '../gateway-options.ts'
import type { FactsOfRequests } from '../plugins/request-facts.ts'
import { useConsole } from './use-console.ts'
import { type Through, useSessionDoor } from './use-session-door.ts'

/** The console, and where there are people to sign in, their sessions. */
export function consolePlugins(
  { settings, randomness, clock, platform, consoleFolder }: GatewayOptions,
  { facts, through }: { facts: FactsOfRequests; through: Through },
): Plugin[] {
  if (!settings.console) return []
  const { endpoint, introspection } = settings
  const told = { endpoint, hasPlatform: platform !== null, hasIntrospection: introspection }
  const folder = consoleFolder ? { folder: consoleFolder } : {}
  return [
    ...(platform ? [useSessionDoor({ endpoint, facts, clock, through })] : []),
    useConsole({ facts: told, randomness, ...folder }),
  ]
}

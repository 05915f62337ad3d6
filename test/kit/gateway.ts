import type { GatewayOptions } from '#gateway/gateway-options.ts'
import { createGateway, type Gateway } from '#gateway/server.ts'
import { gatewaySettings, type SettingsOverride } from '#gateway/settings.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import {
  composeSdl,
  type RunningSubgraph,
  type SubgraphSource,
  startSubgraph,
} from './federation.ts'
import { AUDIENCE, type IdentityServer, ISSUER, startIdentityServer } from './identity-server.ts'
import { patientPlanning, plannerProcesses } from './planner-processes.ts'

/** A gateway on a free port over real subgraphs on HTTP. */
export type GatewayWorld = AsyncDisposable & {
  gateway: Gateway
  sdl: string
  url: string
  endpoint: string
  websocket: string
  subgraphs: Record<string, RunningSubgraph>
  /** Lines of the gateway's log. */
  logged: string[]
  ask: (query: string, init?: AskInit) => Promise<Answer>
}

/** A gateway that has a platform behind it. */
export type PlatformWorld = GatewayWorld & { identity: IdentityServer }

/** What an answer was, whole. */
export type Answer = {
  status: number
  headers: Headers
  body: {
    data?: Record<string, unknown> | null
    errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[]
    extensions?: Record<string, unknown>
  }
}

export type AskInit = {
  token?: string
  headers?: Record<string, string>
  variables?: Record<string, unknown>
  operationName?: string
  extensions?: Record<string, unknown>
}

export type WorldOptions = {
  subgraphs: readonly SubgraphSource[]
  settings?: SettingsOverride
  options?: Partial<GatewayOptions>
  /** Changes the composed SDL, such as the address of a subgraph. */
  rewrite?: (sdl: string) => string
}

const SERVICE_KEYS = deriveServiceKeys(Buffer.alloc(32, 7))

/** Quick enough that no test waits for a time-out it does not speak of. */
const QUICK: SettingsOverride = {
  introspection: true,
  subgraph: { timeoutMs: 2000, retryMs: 200, retryFirstDelayMs: 5, retryLongestDelayMs: 20 },
  live: { drainMs: 500 },
}

/** Without a platform: everybody is nobody. */
export async function startStandaloneWorld(options: WorldOptions): Promise<GatewayWorld> {
  return openWorld(options, null)
}

/** With identity's internal routes behind it. */
export async function startPlatformWorld(options: WorldOptions): Promise<PlatformWorld> {
  const identity = await startIdentityServer(SERVICE_KEYS)
  const world = await openWorld(options, identity)
  return {
    ...world,
    identity,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await identity[Symbol.asyncDispose]()
    },
  }
}

/** The keys with which these worlds' gateways sign what they send to subgraphs. */
export const serviceKeysOfTests = SERVICE_KEYS

async function openWorld(
  { subgraphs: sources, settings, options, rewrite = (sdl) => sdl }: WorldOptions,
  identity: IdentityServer | null,
): Promise<GatewayWorld> {
  const running = await Promise.all(sources.map(startSubgraph))
  const sdl = rewrite(composeSdl(running))
  const logged: string[] = []
  const gateway = await createGateway({
    supergraph: { sdl },
    settings: withQuick(settings),
    clock: systemClock,
    randomness: systemRandomness,
    log: createLog({
      level: 'info',
      name: 'test',
      destination: { write: (line) => void logged.push(line) },
    }),
    platform: identity && {
      serviceKeys: SERVICE_KEYS,
      identity: { url: identity.server.url, fetch: (request) => fetch(request) },
      issuer: ISSUER,
      audience: AUDIENCE,
    },
    processes: plannerProcesses,
    ...options,
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const endpoint = `${url}/graphql`
  return {
    gateway,
    sdl,
    url,
    endpoint,
    websocket: endpoint.replace('http:', 'ws:'),
    subgraphs: Object.fromEntries(running.map((subgraph) => [subgraph.name, subgraph])),
    logged,
    ask: (query, init = {}) => ask(endpoint, query, init),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(running.map((subgraph) => subgraph.close()))
    },
  }
}

function withQuick(settings: SettingsOverride = {}) {
  return gatewaySettings({
    ...QUICK,
    ...settings,
    subgraph: { ...QUICK.subgraph, ...settings.subgraph },
    live: { ...QUICK.live, ...settings.live },
    planning: { ...patientPlanning, ...settings.planning },
  })
}

async function ask(endpoint: string, query: string, init: AskInit): Promise<Answer> {
  const { token, headers, ...params } = init
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: JSON.stringify({ query, ...params }),
  })
  const body = (await response.json()) as Answer['body']
  return { status: response.status, headers: response.headers, body }
}

/** How many subscriptions a gateway runs, over a channel. */
export async function subscriptionsAt(
  { url }: Pick<GatewayWorld, 'url'>,
  channel: 'http' | 'websocket' = 'websocket',
): Promise<number> {
  const figures = await (await fetch(`${url}/metrics`)).text()
  const line = new RegExp(`dbsbm_gateway_subscriptions\\{channel="${channel}"\\} (\\d+)`)
  return Number(line.exec(figures)?.[1] ?? 0)
}

/** Waits until a condition holds; fails after a bound. */
export async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  const end = Date.now() + withinMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Waited ${withinMs} ms for: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

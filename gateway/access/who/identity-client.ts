import type { JSONWebKeySet } from 'jose'
import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { isViewer, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../../errors.ts'
import { abortable } from '../../transport/abortable.ts'
import { isRecord } from '../../transport/answer.ts'
import type { TokenMint } from '../../transport/subgraph.ts'
import { GATEWAY_NAME } from '../../transport/subgraphs.ts'
import type { Identity } from './identity.ts'

/** What the gateway asks of identity, besides its part of the supergraph. */
export type IdentityClient = {
  fetchJwks: () => Promise<JSONWebKeySet>
  /** Null when the key is not known or not valid from that address. */
  introspect: (key: string, ip: string | null) => Promise<Identity | null>
  openRevocations: (signal: AbortSignal) => Promise<Response>
}

export type IdentityClientDeps = {
  identity: ServiceAddress
  mintToken: TokenMint
  timeoutMs: number
}

const LONGEST_ANSWER = 262_144

/** Speaks to identity's internal routes; every call but the one for public keys carries a token. */
export function createIdentityClient(deps: IdentityClientDeps): IdentityClient {
  return {
    fetchJwks: async () => {
      const answer = await ask(deps, { path: '/.well-known/jwks.json', accept: 'application/json' })
      return parseJwks(await readJson(answer))
    },
    introspect: async (key, ip) => {
      const body = JSON.stringify({ key, ip })
      const answer = await ask(deps, { path: '/introspect-key', accept: 'application/json', body })
      if (answer.status === 401) {
        await answer.body?.cancel()
        return null
      }
      return parseIntrospection(await readJson(answer))
    },
    openRevocations: (signal) =>
      ask(deps, { path: '/revocations', accept: 'text/event-stream', signal }),
  }
}

type Question = { path: string; accept: string; body?: string; signal?: AbortSignal }

async function ask(deps: IdentityClientDeps, question: Question): Promise<Response> {
  const { path, accept, body = '', signal } = question
  const limit = new AbortController()
  const timer = setTimeout(
    () => limit.abort(new DOMException('Identity took too long.', 'TimeoutError')),
    deps.timeoutMs,
  )
  const ended = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal
  const request = new Request(new URL(path, deps.identity.url), {
    method: body === '' ? 'GET' : 'POST',
    headers: { accept, ...(body === '' ? {} : JSON_BODY), ...tokenHeader(deps, body) },
    body: body === '' ? null : body,
    signal: ended,
  })
  try {
    return await abortable(deps.identity.fetch(request), ended)
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw gatewayError('IDENTITY_UNREACHABLE', {}, { cause })
  } finally {
    clearTimeout(timer)
  }
}

const JSON_BODY = { 'content-type': 'application/json' }

function tokenHeader({ mintToken }: IdentityClientDeps, body: string): Record<string, string> {
  const token = mintToken({ subgraph: 'identity', body, viewer: gatewayViewer() })
  return token ? { [SERVICE_TOKEN_HEADER]: token } : {}
}

function gatewayViewer(): Viewer {
  return serviceViewer({
    serviceName: GATEWAY_NAME,
    reach: { kind: 'none' },
    scopes: [],
    requestId: newId(),
  })
}

async function readJson(answer: Response): Promise<unknown> {
  try {
    const text = await answer.text()
    if (answer.ok && text.length <= LONGEST_ANSWER) return JSON.parse(text)
  } catch (cause) {
    if (isDomainError(cause)) throw cause
    throw gatewayError('IDENTITY_UNREACHABLE', {}, { cause })
  }
  throw gatewayError('IDENTITY_UNREACHABLE', { status: answer.status })
}

function parseJwks(value: unknown): JSONWebKeySet {
  const isSet = isRecord(value) && Array.isArray(value.keys) && value.keys.every(isRecord)
  if (!isSet) throw gatewayError('IDENTITY_UNREACHABLE')
  return { keys: value.keys as JSONWebKeySet['keys'] }
}

function parseIntrospection(value: unknown): Identity {
  const { viewer, expiresAt } = isRecord(value) ? value : {}
  const end = typeof expiresAt === 'string' ? new Date(expiresAt) : null
  const isEndReadable = expiresAt === null || (end !== null && !Number.isNaN(end.getTime()))
  if (!isViewer(viewer) || viewer.kind !== 'key' || !isEndReadable) {
    throw gatewayError('IDENTITY_UNREACHABLE')
  }
  const { requestId: _requestId, client: _client, ...requestless } = viewer
  return { viewer: requestless, expiresAt: end, issuedAt: null, tokenId: null }
}

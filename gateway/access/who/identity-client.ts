import type { JSONWebKeySet } from 'jose'
import type { CalleeTokens } from '#kernel/auth/callee-tokens.ts'
import { SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { isViewer, serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { sendUnderToken } from '#kernel/service/send-under-token.ts'
import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../../errors.ts'
import type { SubgraphSettings } from '../../settings.ts'
import { abortable } from '../../transport/abortable.ts'
import { isRecord } from '../../transport/answer.ts'
import { createSubgraphGate } from '../../transport/subgraph-gate.ts'
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
  tokens: CalleeTokens | null
  settings: SubgraphSettings
  randomness: Randomness
  log: Logger
}

const LONGEST_ANSWER = 262_144
const CALLEE = 'identity'

const unreachable = (cause: unknown) => gatewayError('IDENTITY_UNREACHABLE', {}, { cause })

/**
 * Speaks to identity's internal routes; every call but the one for public keys needs its token. All
 * of them only read: they wait for an identity that restarts, and are sent again.
 */
export function createIdentityClient(deps: IdentityClientDeps): IdentityClient {
  const gate = createSubgraphGate({ ...deps, name: 'identity’s own routes', refuse: unreachable })
  const ask = <Result>(question: Question<Result>) => {
    const endsAt = performance.now() + deps.settings.timeoutMs
    const attempt = () => askOnce(deps, question, Math.max(1, endsAt - performance.now()))
    return gate.pass({ attempt, isRepeatable: true, signal: question.signal })
  }
  return {
    fetchJwks: () =>
      ask({
        path: '/.well-known/jwks.json',
        accept: 'application/json',
        read: async (answer) => parseJwks(await readJson(answer)),
      }),
    introspect: (key, ip) =>
      ask({
        path: '/introspect-key',
        accept: 'application/json',
        body: JSON.stringify({ key, ip }),
        read: readIntrospection,
      }),
    openRevocations: (signal) =>
      ask({ path: '/revocations', accept: 'text/event-stream', signal, read: async (it) => it }),
  }
}

type Question<Result> = {
  path: string
  accept: string
  body?: string
  signal?: AbortSignal
  /** Within the time-out of the question: a stream is handed on unread. */
  read: (answer: Response) => Promise<Result>
}

async function askOnce<Result>(
  deps: IdentityClientDeps,
  question: Question<Result>,
  timeoutMs: number,
): Promise<Result> {
  const { signal } = question
  const limit = new AbortController()
  const timer = setTimeout(
    () => limit.abort(new DOMException('Identity took too long.', 'TimeoutError')),
    timeoutMs,
  )
  const ended = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal
  try {
    return await abortable(
      send(deps, question, ended).then((answer) => question.read(answer)),
      ended,
    )
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw isDomainError(cause) ? cause : unreachable(cause)
  } finally {
    clearTimeout(timer)
  }
}

const JSON_BODY = { 'content-type': 'application/json' }

function send(
  { identity, tokens }: IdentityClientDeps,
  { path, accept, body = '' }: Question<unknown>,
  signal: AbortSignal,
): Promise<Response> {
  const isPost = body !== ''
  const asked = { callee: CALLEE, body, viewer: gatewayViewer() }
  return sendUnderToken(tokens, asked, (token) => {
    const request = new Request(`${identity.url}${path}`, {
      method: isPost ? 'POST' : 'GET',
      headers: {
        accept,
        ...(isPost && JSON_BODY),
        ...(token !== null && { [SERVICE_TOKEN_HEADER]: token }),
      },
      body: isPost ? body : null,
      signal,
    })
    return identity.fetch(request)
  })
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
  const text = await answer.text()
  if (!answer.ok || text.length > LONGEST_ANSWER) {
    throw gatewayError('IDENTITY_UNREACHABLE', { status: answer.status })
  }
  return JSON.parse(text)
}

async function readIntrospection(answer: Response): Promise<Identity | null> {
  if (answer.status !== 401) return parseIntrospection(await readJson(answer))
  const refusal: unknown = JSON.parse((await answer.text()).slice(0, LONGEST_ANSWER))
  // Of the gateway's own token: that says nothing of the key.
  if (isRecord(refusal) && String(refusal.code).startsWith('SERVICE_TOKEN_')) {
    throw gatewayError('IDENTITY_UNREACHABLE', { status: answer.status })
  }
  return null
}

function parseJwks(value: unknown): JSONWebKeySet {
  const isSet = isRecord(value) && Array.isArray(value.keys) && value.keys.every(isRecord)
  if (!isSet) throw gatewayError('IDENTITY_UNREACHABLE')
  return { keys: value.keys as JSONWebKeySet['keys'] }
}

function parseIntrospection(value: unknown): Identity {
  const { viewer, expiresAt, at } = isRecord(value) ? value : {}
  const end = expiresAt === null ? null : instantOf(expiresAt)
  const isEndReadable = expiresAt === null || end !== null
  if (!isViewer(viewer) || viewer.kind !== 'key' || !isEndReadable) {
    throw gatewayError('IDENTITY_UNREACHABLE')
  }
  const { requestId: _requestId, client: _client, ...requestless } = viewer
  // In identity's time, as revocations are: the gateway's own clock may be ahead, and miss one.
  return { viewer: requestless, expiresAt: end, issuedAt: instantOf(at), tokenId: null }
}

function instantOf(value: unknown): Date | null {
  const instant = typeof value === 'string' ? new Date(value) : null
  return instant && !Number.isNaN(instant.getTime()) ? instant : null
}

import { isDecimalId } from '../ids.ts'
import { type Client, isClient } from './client.ts'
import { isScope } from './scopes.ts'
import { isServiceName } from './service-names.ts'

/** Which rows a viewer may touch; 'none' = only what concerns the viewer's own user id. */
export type Reach =
  | { kind: 'none' }
  | { kind: 'platform' }
  | { kind: 'tenant'; tenantId: string }
  | { kind: 'guild'; tenantId: string; guildId: string }

/** Whoever asks, after the gateway has checked. */
export type Viewer = {
  /** `service`: another subgraph, a job, or the gateway asking on nobody's behalf. */
  kind: 'anonymous' | 'user' | 'key' | 'service'
  userId: string | null
  sessionId: string | null
  keyId: string | null
  reach: Reach
  /** Expanded (no wildcards), sorted `resource:action`. */
  scopes: readonly string[]
  /** Name of the service for kind `service`, else null. */
  serviceName: string | null
  requestId: string
  /** Null for services and jobs, and where nothing came over a network. */
  client: Client | null
}

const MAX_SCOPES = 256
const TOKEN_TEXT = /^[\w-]{1,64}$/
const VIEWER_KEYS = 'client,keyId,kind,reach,requestId,scopes,serviceName,sessionId,userId'

/** A viewer without identity or rights. */
export const anonymousViewer = (requestId: string, client: Client | null = null): Viewer => ({
  kind: 'anonymous',
  userId: null,
  sessionId: null,
  keyId: null,
  reach: { kind: 'none' },
  scopes: [],
  serviceName: null,
  requestId,
  client,
})

/** A viewer that names no person: a job, another subgraph, or a fetch shared between askers. */
export const serviceViewer = (
  service: Pick<Viewer, 'reach' | 'scopes' | 'requestId'> & { serviceName: string },
): Viewer => ({ ...anonymousViewer(service.requestId), kind: 'service', ...service })

type Unchecked = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Unchecked =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasExactly = (value: Unchecked, sortedKeys: string) =>
  Object.keys(value).sort().join() === sortedKeys

const isTokenText = (value: unknown): value is string =>
  typeof value === 'string' && TOKEN_TEXT.test(value)

const orNull =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | null =>
    value === null || is(value)

/** Narrows outside data to a reach with exactly its own fields. */
export function isReach(value: unknown): value is Reach {
  if (!isRecord(value)) return false
  const { kind, tenantId, guildId } = value
  if (kind === 'none' || kind === 'platform') return hasExactly(value, 'kind')
  if (kind === 'tenant') return hasExactly(value, 'kind,tenantId') && isDecimalId(tenantId)
  return (
    kind === 'guild' &&
    hasExactly(value, 'guildId,kind,tenantId') &&
    isDecimalId(tenantId) &&
    isDecimalId(guildId)
  )
}

const areScopes = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_SCOPES && value.every(isScope)

function hasViewerShape(value: unknown): value is Viewer {
  return (
    isRecord(value) &&
    hasExactly(value, VIEWER_KEYS) &&
    orNull(isDecimalId)(value.userId) &&
    orNull(isTokenText)(value.sessionId) &&
    orNull(isTokenText)(value.keyId) &&
    orNull(isServiceName)(value.serviceName) &&
    isReach(value.reach) &&
    areScopes(value.scopes) &&
    isTokenText(value.requestId) &&
    orNull(isClient)(value.client)
  )
}

/** Each kind of viewer names itself, and nothing names more than its kind may. */
const IS_COHERENT: Readonly<Record<string, (viewer: Viewer) => boolean>> = {
  anonymous: ({ userId, sessionId, keyId, serviceName, reach, scopes }) =>
    [userId, sessionId, keyId, serviceName].every((name) => name === null) &&
    reach.kind === 'none' &&
    scopes.length === 0,
  user: ({ userId, keyId, serviceName }) =>
    userId !== null && keyId === null && serviceName === null,
  key: ({ keyId, sessionId, serviceName }) =>
    keyId !== null && sessionId === null && serviceName === null,
  service: ({ serviceName, sessionId, keyId, client }) =>
    serviceName !== null && sessionId === null && keyId === null && client === null,
}

/** Narrows outside data to a viewer: exactly the fields of the type, bounded, coherent with its kind. */
export function isViewer(value: unknown): value is Viewer {
  if (!hasViewerShape(value)) return false
  const isCoherent = Object.hasOwn(IS_COHERENT, value.kind) && IS_COHERENT[value.kind]
  return isCoherent ? isCoherent(value) : false
}

import type { ExecutionResult } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { newId } from '#kernel/ids.ts'
import { type ClientOf, createClientOf } from './access/client-of.ts'
import { createDryRunReport } from './access/dry-run-report.ts'
import { createWhoIsAsking, type WhoIsAsking } from './access/who/who-is-asking.ts'
import { useBatches } from './batches/use-batches.ts'
import { useCacheControl } from './caching/use-cache-control.ts'
import { type Compressor, createCompressor } from './compression/compressor.ts'
import { useCompression } from './compression/use-compression.ts'
import { consolePlugins } from './console/console-plugins.ts'
import type { Through } from './console/use-session-door.ts'
import { openDemand } from './demand/open-demand.ts'
import { createDocuments, type Documents } from './documents/documents.ts'
import { useExplanations } from './explaining/use-explanations.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { createListener, type Listening } from './listener.ts'
import { type ClientSlots, createClientSlots } from './live/client-slots.ts'
import { createConnectionSweep } from './live/connection-sweep.ts'
import type { FanOut } from './live/fan-out/fan-out.ts'
import { createLiveSessions, type LiveSessions } from './live/live-sessions.ts'
import { openFanOut } from './live/open-fan-out.ts'
import { createOpenStreams, type OpenStreams } from './live/open-streams.ts'
import { prepareOperation } from './live/prepare-operation.ts'
import { createWebSocketDoor } from './live/websocket-door.ts'
import { createWebSocketProtocol } from './live/websocket-protocol.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { openSupergraph } from './open-supergraph.ts'
import { createPlainPost } from './plain-post.ts'
import { askingOf } from './plugins/asking.ts'
import { corsOptions } from './plugins/cors.ts'
import { createFactsOfRequests, type FactsOfRequests } from './plugins/request-facts.ts'
import { createRunOperation, type RunOperation } from './plugins/run-operation.ts'
import { useBodyLimit } from './plugins/use-body-limit.ts'
import { useCodedRefusals } from './plugins/use-coded-refusals.ts'
import { useCsrfPrevention } from './plugins/use-csrf-prevention.ts'
import { useDocuments } from './plugins/use-documents.ts'
import { useErrorMasking } from './plugins/use-error-masking.ts'
import { useEventStream } from './plugins/use-event-stream.ts'
import { useHealth } from './plugins/use-health.ts'
import { useIdentity } from './plugins/use-identity.ts'
import { useIncrementalDelivery } from './plugins/use-incremental-delivery.ts'
import { useIntrospection } from './plugins/use-introspection.ts'
import { useLimits } from './plugins/use-limits.ts'
import { useMetrics } from './plugins/use-metrics.ts'
import { useMultipart } from './plugins/use-multipart.ts'
import { useOpenStreams } from './plugins/use-open-streams.ts'
import { useOperationMetrics } from './plugins/use-operation-metrics.ts'
import { usePaths } from './plugins/use-paths.ts'
import { useQueryPlan } from './plugins/use-query-plan.ts'
import { useRequestId } from './plugins/use-request-id.ts'
import { useRequestTimeout } from './plugins/use-request-timeout.ts'
import { useSecurityHeaders } from './plugins/use-security-headers.ts'
import { useSeenOperations } from './plugins/use-seen-operations.ts'
import { useSeenRequests } from './plugins/use-seen-requests.ts'
import { statusesBy, useStatuses } from './plugins/use-statuses.ts'
import { useStrippedHeaders } from './plugins/use-stripped-headers.ts'
import { useSupergraph } from './plugins/use-supergraph.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { openSeeing } from './seeing/open-seeing.ts'
import type { Seeing } from './seeing/seeing.ts'
import type { SupergraphService } from './supergraph.ts'
import { createInFlight } from './transport/in-flight.ts'
import {
  createGatewayTokens,
  createSubgraphs,
  type Subgraphs,
  type SubgraphsDeps,
} from './transport/subgraphs.ts'
import { createTurns, type Turns } from './turns.ts'

/** A gateway that listens to nothing until it is told to. */
export type Gateway = {
  /** Answers one request in this process, without a network. */
  fetch: (request: Request) => Promise<Response>
  listen: (port: number, host: string) => Promise<Listening>
  /** What `/ready` answers. */
  ready: Readiness['report']
  supergraph: SupergraphService
  /** What clients may ask by id. */
  documents: Pick<Documents, 'manifest'>
  /** Takes nothing new, lets what runs come to its end (within bounds), then closes. */
  close: () => Promise<void>
}

type Parts = {
  options: GatewayOptions
  facts: FactsOfRequests
  clientOf: ClientOf
  asking: WhoIsAsking
  sessions: LiveSessions
  fanOut: FanOut
  metrics: Metrics
  subgraphs: Subgraphs
  supergraph: SupergraphService
  documents: Documents
  compressor: Compressor
  readiness: Readiness
  run: RunOperation
  streams: OpenStreams
  clients: ClientSlots
  seeing: Seeing
}

/** The policy of the gateway, from the first look at a request to the last at its answer. */
function policy(parts: Parts, through: Through): Plugin[] {
  const { options, facts, metrics, documents } = parts
  const { resolve } = documents
  const { settings, log } = options
  return [
    useCodedRefusals(),
    useRequestId(facts, {
      newRequestId: () => newId(options.randomness),
      clientOf: parts.clientOf,
    }),
    useStrippedHeaders(facts),
    useSeenRequests(parts.seeing, facts, settings.endpoint),
    useSecurityHeaders(),
    useCacheControl(facts),
    useCompression(facts, parts.compressor),
    useHealth(parts.readiness.report),
    useMetrics(metrics, facts, settings),
    ...consolePlugins(options, { facts, through }),
    usePaths(settings),
    useCsrfPrevention(),
    useIdentity(facts, parts.asking.who),
    useBodyLimit(settings.limits.bodyBytes),
    useBatches(facts, { metrics, settings, log, resolve }),
    useDocuments(facts, resolve),
    useLimits(settings.limits),
    useIncrementalDelivery(),
    useIntrospection(settings),
    useExplanations(parts.run.explain, settings.requestTimeoutMs),
    useSupergraph(parts.supergraph, parts.run),
    useRequestTimeout(settings.requestTimeoutMs),
    useOperationMetrics(metrics, parts.seeing.names),
    useSeenOperations(parts.seeing, facts),
    useQueryPlan(settings),
    useErrorMasking(facts, log, metrics.countError),
    useStatuses(statusesBy(settings)),
    useEventStream(facts, settings.live),
    useMultipart(facts, settings.live),
    useOpenStreams(parts.streams),
  ]
}

/**
 * Builds a gateway from its options.
 * @throws SUPERGRAPH_INVALID or SUPERGRAPH_UNENFORCED.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const parts = await createParts(options)
  const yoga = createHttpDoor(parts)
  const { settings, log } = options
  const { resolve } = parts.documents
  const sweep = createConnectionSweep(settings.live)
  const protocol = createWebSocketProtocol({
    ...{ who: parts.asking.who, sessions: parts.sessions, sweep },
    prepare: (payload, asking) => prepareOperation(yoga, resolve(payload), asking),
    settings: settings.live,
    newRequestId: () => newId(options.randomness),
    countError: parts.metrics.countError,
    countEvents: (count) => parts.metrics.events.inc({ channel: 'websocket' }, count),
    log,
  })
  const sockets = createWebSocketDoor({
    endpoint: settings.endpoint,
    protocol,
    settings: settings.live,
    clientOf: parts.clientOf,
    clients: parts.clients,
    ...{ metrics: parts.metrics, randomness: options.randomness, log },
  })
  const plainPost = createPlainPost({
    ...{ door: yoga, who: parts.asking.who, clientOf: parts.clientOf, settings, log },
    ...{ resolve, metrics: parts.metrics, seeing: parts.seeing, compressor: parts.compressor },
    withStatus: statusesBy(settings),
    newRequestId: () => newId(options.randomness),
  })
  const listener = createListener({
    ...{ yoga, plainPost, sockets, streams: parts.streams, settings },
    takeCallback: parts.subgraphs.takeCallback,
  })
  return {
    fetch: async (request) => yoga.fetch(request, {}),
    listen: listener.listen,
    ready: parts.readiness.report,
    supergraph: parts.supergraph,
    documents: parts.documents,
    async close() {
      parts.readiness.drain()
      await listener.giveNotice()
      await listener.close()
      sweep.close()
      parts.fanOut.close()
      await parts.asking.close()
      parts.sessions.close()
      await parts.documents.close()
      await parts.supergraph.close()
      await parts.subgraphs.close()
      await parts.seeing.close()
    },
  }
}

async function createParts(options: GatewayOptions): Promise<Parts> {
  const { settings, clock, randomness, log, platform } = options
  const metrics = createMetrics()
  const tokens = createGatewayTokens(
    platform && { keys: platform.serviceKeys, clock, randomness, log },
  )
  const answers = createInFlight<ExecutionResult>()
  const turns = createTurns()
  metrics.watchWaiting(() => turns.waiting)
  const subgraphs = openSubgraphs(options, { metrics, tokens, turns, changed: answers.close })
  const documents = await openDocuments(options)
  const supergraph = await openSupergraph(options, subgraphs, documents)
  const asking = createWhoIsAsking({ platform, tokens, clock, randomness, settings, log })
  const sessions = createLiveSessions({ revocations: asking.revocations, clock })
  const clients = createClientSlots(settings.live.connectionsPerClient)
  const streams = createOpenStreams({ metrics, clients, randomness, settings: settings.live })
  const fanOut = openFanOut({ settings, supergraph, metrics, log })
  const run = createRunOperation({
    ...{ fanOut, subgraphs, answers, turns, sessions, streams, metrics, log, settings },
    reportDryRun: createDryRunReport({ registry: metrics.registry, log }),
    demand: openDemand(options, metrics),
  })
  const readiness = createReadiness({
    feed: asking.feed,
    subgraphs: options.subgraphs ?? (async () => ({})),
    clockOffsets: tokens?.clockOffsets ?? (() => ({})),
    isWarm: supergraph.isWarm,
  })
  const facts = createFactsOfRequests(() => newId(randomness))
  const clientOf = createClientOf(settings.trustedProxies)
  const compressor = createCompressor(settings.compression)
  const seen = { documents, current: supergraph.current }
  const seeing = await openSeeing({ settings, metrics, randomness, log, ...seen })
  const made = {
    ...{ compressor, documents, fanOut, seeing, sessions, metrics, subgraphs, supergraph },
    ...{ readiness, run, streams, clients },
  }
  return { options, facts, clientOf, asking, ...made }
}

function openDocuments(options: GatewayOptions) {
  const { documentsFile: file = null, ownDocumentsFile: ownFile = null, settings, log } = options
  const { documents, limits } = settings
  return createDocuments({ file, ownFile, settings: documents, limits, log })
}

type Measured = { metrics: Metrics; turns: Turns }

function openSubgraphs(
  { settings, localSubgraphs = {}, subgraphUrls = {}, randomness, log }: GatewayOptions,
  { metrics, turns, ...deps }: Measured & Pick<SubgraphsDeps, 'tokens' | 'changed'>,
): Subgraphs {
  return createSubgraphs({
    ...{ ...deps, local: localSubgraphs, urls: subgraphUrls, settings: settings.subgraph },
    ...{ randomness, log },
    watch: {
      fetched: ({ subgraph, outcome, seconds }) => {
        turns.answered()
        metrics.fetches.observe({ subgraph, outcome }, seconds)
      },
    },
  })
}

function createHttpDoor(parts: Parts) {
  const { settings, log } = parts.options
  const through: Through = async (request, context) => door.fetch(request, context)
  const door = createYoga({
    graphqlEndpoint: settings.endpoint,
    plugins: policy(parts, through),
    context: (initial) => askingOf(initial, parts.facts),
    cors: corsOptions(settings),
    // The policy answers all of these itself.
    maxRequestBodySize: false,
    maskedErrors: false,
    graphiql: false,
    landingPage: false,
    // Yoga's own check answers whatever ends so, and comes first: nothing ends so.
    healthCheckEndpoint: '\n',
    multipart: false,
    batching: false,
    logging: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => log.warn(String(message)),
      error: (failure) => log.error({ err: failure }, 'the HTTP door failed'),
    },
  })
  return door
}

/** The part of the pipeline that HTTP and WebSocket share. */
export type HttpDoor = ReturnType<typeof createHttpDoor>

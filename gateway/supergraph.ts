import { readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import {
  type LoadedSupergraph,
  type LoadOptions,
  loadSupergraph,
  type SubgraphAddress,
  versionOf,
} from './engine/load-supergraph.ts'
import type { AheadBounds } from './engine/planning/plan-ahead.ts'
import {
  createPlannerProcesses,
  type PlannerProcesses,
} from './engine/planning/planner-processes.ts'
import { type KnownDocument, warmDocuments, warmHottest } from './engine/warm-supergraph.ts'
import { watchFile } from './engine/watch-file.ts'
import { gatewayError } from './errors.ts'

export type { LoadedSupergraph, SubgraphAddress }

/** A supergraph that can be exchanged while it serves. */
export type SupergraphService = {
  /** The version for new requests; a request keeps the one that it began with. */
  current: () => LoadedSupergraph
  /** Calls back after each swap; the answer ends it. */
  onSwap: (listener: (loaded: LoadedSupergraph) => void) => () => void
  /** Swaps to another SDL once it is read completely; throws SUPERGRAPH_INVALID and keeps the old. */
  swap: (sdl: string) => Promise<LoadedSupergraph>
  /** Whether the documents that are known were planned for the first version, or had the time for it. */
  isWarm: () => boolean
  close: () => Promise<void>
}

/** Where the SDL comes from: a text, a file that is watched, or a text at first and then the file. */
export type SupergraphSource = { sdl: string; file?: string } | { sdl?: undefined; file: string }

export type SupergraphOptions = Omit<LoadOptions, 'processes'> &
  SupergraphSource & {
    /** By default of its own. */
    processes?: PlannerProcesses | undefined
    /** How often the file is looked at besides the notices of the system. */
    pollIntervalMs?: number
    /** Documents that are known before anybody asks them; each version is planned for them. */
    documents?: () => readonly KnownDocument[]
    /** Told of a new SDL that was refused. */
    onRefused?: (failure: Error) => void
  }

const DEFAULT_POLL_INTERVAL_MS = 2000

async function readSdl(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw gatewayError('SUPERGRAPH_INVALID', { reason: 'file cannot be read', file }, { cause })
  }
}

/** Data sources outlive a version: connections and gates belong to the subgraph. */
function reuseDataSources(build: LoadOptions['buildDataSource']): LoadOptions['buildDataSource'] {
  const known = new LRUCache<string, ReturnType<LoadOptions['buildDataSource']>>({ max: 256 })
  return (subgraph) => {
    const key = `${subgraph.name}\0${subgraph.url}`
    const source = known.get(key) ?? build(subgraph)
    known.set(key, source)
    return source
  }
}

function notify(
  listeners: ReadonlySet<(loaded: LoadedSupergraph) => void>,
  loaded: LoadedSupergraph,
  log: Logger,
) {
  for (const listener of listeners) {
    try {
      listener(loaded)
    } catch (cause) {
      log.error({ err: cause }, 'a listener of the supergraph failed')
    }
  }
}

type Swapping = Omit<SupergraphService, 'close' | 'isWarm'> & {
  /** Resolves when no swap is under way. */
  settled: () => Promise<unknown>
}

type Loading = LoadOptions & Pick<SupergraphOptions, 'documents'> & { ending: AbortSignal }

const boundsOf = ({ planning, ending, log }: Loading): AheadBounds => ({
  ...{ mostMs: planning.warmMs, signal: ending, log },
})

/** What is planned ahead before a new version takes effect. */
async function warm(loaded: LoadedSupergraph, previous: LoadedSupergraph, loading: Loading) {
  const bounds = boundsOf(loading)
  const hottest = previous.hot.hottest(loading.planning.warmOperations)
  await warmHottest(loaded, hottest, bounds)
  await warmDocuments(loaded, loading.documents?.() ?? [], bounds)
}

function createSwapping(first: LoadedSupergraph, loading: Loading): Swapping {
  const listeners = new Set<(loaded: LoadedSupergraph) => void>()
  let current = first
  // Swaps follow one another, so that the last SDL that was asked for is the one that stays.
  let queue: Promise<unknown> = Promise.resolve()

  const swapNow = async (sdl: string) => {
    if (versionOf(sdl) === current.version) return current
    const loaded = await loadSupergraph(sdl, loading)
    const previous = current
    await warm(loaded, previous, loading)
    current = loaded
    loading.log.info({ version: loaded.version }, 'the supergraph was exchanged')
    notify(listeners, loaded, loading.log)
    await previous.dispose()
    return loaded
  }
  return {
    current: () => current,
    onSwap: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    swap: (sdl) => {
      const swapped = queue.then(() => swapNow(sdl))
      // Whoever asked for the swap hears of its failure; the next one goes on.
      queue = swapped.catch(() => undefined)
      return swapped
    },
    settled: () => queue,
  }
}

/** Swaps to what stands in the file; a wrong one is told and passed over. */
async function swapToFile(swapping: Swapping, file: string, options: SupergraphOptions) {
  try {
    await swapping.swap(await readSdl(file))
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown : new Error(String(thrown))
    const code = isDomainError(failure) ? failure.code : undefined
    options.log.error({ err: failure, code, file }, 'the new supergraph was refused')
    options.onRefused?.(failure)
  }
}

/**
 * Loads a supergraph and exchanges it when its file changes. A new SDL is read completely before
 * anything sees it; a wrong one is reported and the old one stays.
 * Throws SUPERGRAPH_INVALID or SUPERGRAPH_UNENFORCED when the first one cannot be served.
 */
export async function createSupergraph(options: SupergraphOptions): Promise<SupergraphService> {
  const processes = options.processes ?? createPlannerProcesses(options.planning)
  const closeProcesses = async () => {
    if (!options.processes) await processes.close()
  }
  try {
    const service = await openSupergraph(options, processes)
    return { ...service, close: () => service.close().finally(closeProcesses) }
  } catch (failure) {
    await closeProcesses()
    throw failure
  }
}

async function openSupergraph(options: SupergraphOptions, processes: PlannerProcesses) {
  const { file, pollIntervalMs = DEFAULT_POLL_INTERVAL_MS } = options
  const buildDataSource = reuseDataSources(options.buildDataSource)
  const closing = new AbortController()
  const loading = { ...options, processes, buildDataSource, ending: closing.signal }
  const sdl = options.sdl ?? (await readSdl(options.file))
  const first = await loadSupergraph(sdl, loading)
  const swapping = createSwapping(first, loading)
  let isWarm = false
  const warming = warmDocuments(first, options.documents?.() ?? [], boundsOf(loading)).finally(
    () => {
      isWarm = true
    },
  )
  const watch = (path: string) =>
    watchFile({ path, pollIntervalMs, onChange: () => swapToFile(swapping, path, options) })
  const watcher = file ? watch(file) : null
  return {
    current: swapping.current,
    onSwap: swapping.onSwap,
    swap: swapping.swap,
    isWarm: () => isWarm,
    close: async () => {
      closing.abort()
      await watcher?.close()
      await swapping.settled()
      await warming
      await swapping.current().dispose()
    },
  }
}

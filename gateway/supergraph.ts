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
  close: () => Promise<void>
}

/** Where the SDL comes from: a text, a file that is watched, or a text at first and then the file. */
export type SupergraphSource = { sdl: string; file?: string } | { sdl?: undefined; file: string }

export type SupergraphOptions = LoadOptions &
  SupergraphSource & {
    /** How often the file is looked at besides the notices of the system; default 2000. */
    pollIntervalMs?: number
    /** Told of a new SDL that was refused. */
    onRefused?: (failure: Error) => void
  }

async function readSdl(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw gatewayError('SUPERGRAPH_INVALID', { reason: 'file cannot be read', file }, { cause })
  }
}

/** Data sources outlive a version: connections and breakers belong to the subgraph. */
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

/**
 * Loads a supergraph and exchanges it when its file changes. A new SDL is read completely before
 * anything sees it; a wrong one is reported and the old one stays.
 * Throws SUPERGRAPH_INVALID or SUPERGRAPH_UNENFORCED when the first one cannot be served.
 */
export async function createSupergraph(options: SupergraphOptions): Promise<SupergraphService> {
  const { log, file, onRefused } = options
  const loading = { ...options, buildDataSource: reuseDataSources(options.buildDataSource) }
  const listeners = new Set<(loaded: LoadedSupergraph) => void>()
  let current = await loadSupergraph(options.sdl ?? (await readSdl(options.file)), loading)
  // Swaps follow one another, so that the last SDL that was asked for is the one that stays.
  let queue: Promise<unknown> = Promise.resolve()

  const swapNow = async (sdl: string) => {
    if (versionOf(sdl) === current.version) return current
    const loaded = await loadSupergraph(sdl, loading)
    const previous = current
    current = loaded
    log.info({ version: loaded.version }, 'the supergraph was exchanged')
    notify(listeners, loaded, log)
    await previous.dispose()
    return loaded
  }
  const swap = (sdl: string) => {
    const swapped = queue.then(() => swapNow(sdl))
    queue = swapped.catch(() => undefined)
    return swapped
  }
  const swapToFile = async (path: string) => {
    try {
      await swap(await readSdl(path))
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown))
      const code = isDomainError(failure) ? failure.code : undefined
      log.error({ err: failure, code, file: path }, 'the new supergraph was refused')
      onRefused?.(failure)
    }
  }
  const watcher = file
    ? watchFile({
        path: file,
        onChange: () => swapToFile(file),
        pollIntervalMs: options.pollIntervalMs ?? 2000,
      })
    : null

  return {
    current: () => current,
    onSwap: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    swap,
    close: async () => {
      await watcher?.close()
      await queue
      await current.dispose()
    },
  }
}

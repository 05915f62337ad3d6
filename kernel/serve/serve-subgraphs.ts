import { defaultPort } from '../config.ts'
import { doInOrder } from './do-all.ts'
import { createLateDoor, type LateDoor } from './late-door.ts'
import { type Listening, listen } from './listen.ts'
import { openPlatform, type Platform, type PlatformOptions } from './platform.ts'

export type ServeOptions = Omit<PlatformOptions, 'waiting'> & {
  /** Resolves when the process should stop. */
  stopped: Promise<void>
  say: (line: string) => void
}

type Door = { name: string; late: LateDoor; listening: Listening }

async function openDoors(
  { config, subgraphs }: ServeOptions,
  opened: (door: Door) => void,
): Promise<void> {
  for (const { name } of subgraphs) {
    const port = subgraphs.length === 1 ? config.port : defaultPort(name)
    const late = createLateDoor(name)
    const listening = await listen(late.fetch, { host: config.host, port })
    opened({ name, late, listening })
  }
}

/** First what is behind the doors comes to its end, then the doors close within the same time. */
async function drain(platform: Platform | null, doors: readonly Door[], withinMs: number) {
  const since = performance.now()
  await platform?.drain(withinMs)
  const leftMs = Math.max(0, withinMs - (performance.now() - since))
  await Promise.all(doors.map(({ listening }) => listening.close(leftMs)))
}

/**
 * Serves subgraphs over HTTP until told to stop. The doors are there first: a service that waits for
 * its database says so in `/ready`, and those who ask it are refused with a code and ask again.
 */
export async function serveSubgraphs(options: ServeOptions): Promise<void> {
  const { config, stopped, say } = options
  const doors: Door[] = []
  const stopping = new AbortController()
  const told = stopped.then(() => stopping.abort())
  let platform: Platform | null = null
  const run = async () => {
    await openDoors(options, (door) => doors.push(door))
    const waitsFor = (name: string, reason: string) =>
      doors.find((door) => door.name === name)?.late.waitsFor(reason)
    platform = await openPlatform({ ...options, waiting: { signal: stopping.signal, waitsFor } })
    for (const { name, late } of doors) late.open(platform.fetchOf(name))
    await platform.start()
    for (const { name, listening } of doors) say(`${name}: ${listening.url}/graphql`)
    await told
  }
  const runUnlessStopped = () =>
    run().catch((failure: unknown) => {
      // Told to stop while it waited for a database: there is nothing more to do.
      if (failure !== stopping.signal.reason) throw failure
    })
  const { drainMs } = config.gateway
  await doInOrder([
    runUnlessStopped,
    () => drain(platform, doors, drainMs),
    () => platform?.stop(drainMs),
  ])
}

import { Readable } from 'node:stream'
import { startPlatformWorld, until } from './gateway.ts'
import { startHttpServer } from './http-server.ts'
import { readersAndBooks } from './readers-world.ts'

function* repeated(event: string): Generator<string> {
  while (true) yield event
}

/** A platform whose subgraph of readers ticks without end, and lets go soon who does not read. */
export async function startFloodedWorld() {
  let open = 0
  const endless = await startHttpServer((_request, response) => {
    open++
    response.once('close', () => open--)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const data = JSON.stringify({ data: { ticks: { name: 'x'.repeat(200_000) } } })
    Readable.from(repeated(`event: next\ndata: ${data}\n\n`)).pipe(response)
  })
  const world = await startPlatformWorld({
    subgraphs: readersAndBooks().sources,
    settings: { live: { stalledMs: 300 } },
    rewrite: (sdl) => sdl.replace(/(name: "readers", url: ")[^"]+/, `$1${endless.url}`),
  })
  return {
    url: world.url,
    /** Waits until so many streams of the subgraph are open. */
    streams: (count: number) => until(() => open === count),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await endless[Symbol.asyncDispose]()
    },
  }
}

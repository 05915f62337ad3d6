import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyMariadb } from '../kit/database.ts'
import { DOMAINS, type Domain, type Place } from './books-store.ts'

export type Engine = Place['engine']

/** Empty databases of an engine, gone when disposed. */
export type OwnPlace = AsyncDisposable & {
  place: Place
  folder: string
  /** The settings by which a platform finds them. */
  env: Record<string, string>
}

async function ownFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kills-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

type Where = {
  /** By default those of all subgraphs. */
  domains?: readonly Domain[]
  /** URL of a server; by default that of the tests. */
  server?: string | undefined
}

async function ownUrls(
  stack: AsyncDisposableStack,
  { domains = DOMAINS, server }: Where,
): Promise<Partial<Record<Domain, string>>> {
  const urls = await Promise.all(
    domains.map(async (domain) => [domain, stack.use(await emptyMariadb(server)).url] as const),
  )
  return Object.fromEntries(urls)
}

/** A scratch folder, with fresh databases on the server where the engine is one. */
export async function makePlace(engine: Engine, where: Where = {}): Promise<OwnPlace> {
  await using stack = new AsyncDisposableStack()
  const folder = await ownFolder(stack)
  const place: Place =
    engine === 'SQLite' ? { engine, folder } : { engine, urls: await ownUrls(stack, where) }
  const urls = place.engine === 'SQLite' ? {} : place.urls
  const named = Object.entries(urls).map(([domain, url]) => [
    `DATABASE_URL_${domain.toUpperCase()}`,
    url,
  ])
  const kept = stack.move()
  return {
    place,
    folder,
    env: { DATA_DIR: folder, ...Object.fromEntries(named) },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { SUBGRAPH_NAMES, type SubgraphName } from '../kernel/auth/service-names.ts'
import { MARIADB } from './settings.ts'

/** Databases of a benchmark's own. */
export type BenchDatabases = AsyncDisposable & {
  urls: Readonly<Record<SubgraphName, string>>
  /** What a process of the platform is told of them. */
  env: Record<string, string>
}

/** Empty databases on the server, one per domain, dropped when disposed. */
export async function emptyDatabases(): Promise<BenchDatabases> {
  const { hostname: host, port, username: user, password } = new URL(MARIADB)
  await using stack = new AsyncDisposableStack()
  const server = await createConnection({ host, port: Number(port || 3306), user, password })
  stack.defer(() => server.end())
  const urls: [SubgraphName, string][] = []
  for (const domain of SUBGRAPH_NAMES) {
    const name = `dbsbm_bench_${domain}_${process.pid}`
    await server.query(`create database ${name} character set utf8mb4 collate utf8mb4_bin`)
    stack.defer(async () => void (await server.query(`drop database ${name}`)))
    urls.push([domain, `${MARIADB.replace(/\/$/, '')}/${name}`])
  }
  const settings = urls.map(([domain, url]) => [`DATABASE_URL_${domain.toUpperCase()}`, url])
  const kept = stack.move()
  return {
    // Built of the five names.
    urls: Object.fromEntries(urls) as Record<SubgraphName, string>,
    env: {
      ...Object.fromEntries(settings),
      // One key for all that is started on them, as they outlive its folder.
      OPERATOR_KEY: `v1:${randomBytes(32).toString('base64')}`,
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

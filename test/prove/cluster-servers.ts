import { MARIADB_URL } from '../kit/database.ts'
import { type OwnMariadb, startOwnMariadb } from '../kit/own-mariadb.ts'
import { type OwnRedis, startOwnRedis } from '../kit/own-redis.ts'
import { makePlace, type OwnPlace } from './kills-places.ts'

/** What a cluster stands on: a Redis of its own, and databases on a MariaDB of its own or of the tests. */
export type Servers = AsyncDisposable & {
  redis: OwnRedis
  /** Null where it belongs to all tests, and is not to be touched. */
  mariadb: OwnMariadb | null
  databases: OwnPlace
  /** Empty databases beside those. */
  makeCopies: () => Promise<OwnPlace>
}

/** For half an hour of work. */
const ROOM = ['--innodb-buffer-pool-size=128M', '--innodb-log-file-size=64M']

/** Starts the servers; a MariaDB of its own keeps each commit though it is killed. */
export async function startServers({ ownMariadb }: { ownMariadb: boolean }): Promise<Servers> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await startOwnRedis())
  const mariadb = ownMariadb
    ? stack.use(await startOwnMariadb({ isDurable: true, flags: ROOM }))
    : null
  const server = mariadb ? mariadb.url('') : MARIADB_URL
  const makeCopies = () => makePlace('MariaDB', { server })
  const databases = stack.use(await makeCopies())
  const kept = stack.move()
  return {
    ...{ redis, mariadb, databases, makeCopies },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

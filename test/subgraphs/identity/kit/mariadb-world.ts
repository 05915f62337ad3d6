import { onMariadb } from '../../../kit/database.ts'
import { openWorld, type WorldOptions } from './identity-world.ts'

/** Identity on a migrated MariaDB database of its own, dropped when disposed. */
export const openMariadbWorld = (options: Omit<WorldOptions, 'url'> = {}) =>
  onMariadb(
    (url) => openWorld({ ...options, url }),
    (world) => world[Symbol.asyncDispose](),
  )

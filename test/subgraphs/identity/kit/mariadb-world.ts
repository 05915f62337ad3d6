import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { MARIADB_URL } from '../../../kit/database.ts'
import { openWorld, type WorldOptions } from './identity-world.ts'

async function onServer(statement: string): Promise<void> {
  const { hostname, port, username, password } = new URL(MARIADB_URL)
  const connection = await createConnection({
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    user: username,
    password,
  })
  try {
    await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** Identity on a migrated MariaDB database of its own, dropped when disposed. */
export async function openMariadbWorld(options: Omit<WorldOptions, 'url'> = {}) {
  const name = `dbsbm_identity_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} character set utf8mb4 collate utf8mb4_bin`)
  const drop = () => onServer(`drop database ${name}`)
  const opening = openWorld({ ...options, url: `${MARIADB_URL.replace(/\/$/, '')}/${name}` })
  const world = await opening.catch(async (failure: unknown) => {
    await drop()
    throw failure
  })
  return {
    ...world,
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]()
      await drop()
    },
  }
}

import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { MARIADB_URL } from './database.ts'
import { startPlatform, type TestPlatform } from './platform.ts'

const DOMAINS = ['identity', 'tenancy', 'analytics'] as const

async function onServer(statements: readonly string[]): Promise<void> {
  const { hostname, port, username, password } = new URL(MARIADB_URL)
  const connection = await createConnection({
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    user: username,
    password,
  })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** The whole platform on fresh MariaDB databases, dropped when it is disposed. */
export async function startMariadbPlatform(): Promise<TestPlatform> {
  const suffix = randomBytes(4).toString('hex')
  const names = DOMAINS.map((domain) => `dbsbm_leak_${domain}_${suffix}`)
  const drop = () => onServer(names.map((name) => `drop database if exists ${name}`))
  await onServer(
    names.map((name) => `create database ${name} character set utf8mb4 collate utf8mb4_bin`),
  )
  const server = MARIADB_URL.replace(/\/$/, '')
  const urls = DOMAINS.map((domain, index) => [
    `DATABASE_URL_${domain.toUpperCase()}`,
    `${server}/${names[index]}`,
  ])
  const starting = startPlatform({ env: Object.fromEntries(urls) })
  const platform = await starting.catch(async (failure: unknown) => {
    await drop()
    throw failure
  })
  return {
    ...platform,
    [Symbol.asyncDispose]: async () => {
      await platform[Symbol.asyncDispose]()
      await drop()
    },
  }
}

import { emptyMariadb } from './database.ts'
import { startPlatform, type TestPlatform } from './platform.ts'

const DOMAINS = ['identity', 'tenancy', 'ai', 'compliance', 'analytics'] as const

/** The whole platform on fresh MariaDB databases, dropped when it is disposed. */
export async function startMariadbPlatform(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPlatform> {
  await using stack = new AsyncDisposableStack()
  const env: Record<string, string> = { ...settings }
  for (const domain of DOMAINS) {
    env[`DATABASE_URL_${domain.toUpperCase()}`] = stack.use(await emptyMariadb()).url
  }
  const platform = stack.use(await startPlatform({ env }))
  const kept = stack.move()
  return { ...platform, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { newOperatorKeyText } from '#kernel/crypto/operator-key.ts'
import { type Randomness, systemRandomness } from '#kernel/ids.ts'

const PREFIX = 'dbsbm_'

/** Hexadecimal, so that it stands in URLs, SQL and shell as it is. */
const password = (randomness: Randomness, bytes: number) => randomness.bytes(bytes).toString('hex')

function databaseUrls(randomness: Randomness, prefix: string): [string, string][] {
  return SUBGRAPH_NAMES.flatMap((name) =>
    ['', '-migrate'].map((suffix): [string, string] => {
      const user = `${prefix}${name}${suffix.replace('-', '_')}`
      const url = `mariadb://${user}:${password(randomness, 24)}@mariadb:3306/${prefix}${name}`
      return [`database-url-${name}${suffix}`, url]
    }),
  )
}

/** Every secret of docker-compose.yml, by the name of its file. */
export function newSecrets(randomness: Randomness, prefix = PREFIX): ReadonlyMap<string, string> {
  return new Map([
    ['mariadb-root-password', password(randomness, 24)],
    ...databaseUrls(randomness, prefix),
    ['redis-url', `redis://default:${password(randomness, 24)}@redis:6379/0`],
    ['service-secret', password(randomness, 32)],
    ['operator-key', newOperatorKeyText(randomness).trimEnd()],
    ['first-operator-password', password(randomness, 12)],
  ])
}

/**
 * False where the file stands already: what other secrets and databases agree with is never replaced.
 * Compose mounts it as it is, for users who do not own it: the file is readable, the folder keeps others out.
 */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, `${text}\n`, { flag: 'wx', mode: 0o400 })
    await chmod(path, 0o444)
    return true
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'EEXIST') return false
    throw failure
  }
}

/** Writes the secrets that are not there yet. @returns the names of those that were written */
export async function makeSecrets(
  folder: string,
  secrets: ReadonlyMap<string, string>,
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o700)
  const written: string[] = []
  for (const [name, text] of secrets) {
    if (await writeNew(resolve(folder, name), text)) written.push(name)
  }
  return written
}

async function run([folder = 'secrets', ...others]: readonly string[]): Promise<void> {
  if (others.length > 0 || folder.startsWith('-')) {
    process.stderr.write('usage: npm run make-secrets -- [FOLDER]\n')
    process.exitCode = 1
    return
  }
  const secrets = newSecrets(systemRandomness)
  const written = await makeSecrets(folder, secrets)
  const kept = secrets.size - written.length
  process.stdout.write(
    `${resolve(folder)}: ${written.length} secrets made, ${kept} kept as they were.\n` +
      'Back up operator-key apart from the databases: without it personal data cannot be read again.\n',
  )
}

if (import.meta.main) await run(process.argv.slice(2))

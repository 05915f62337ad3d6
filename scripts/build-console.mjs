// Builds the console into console/dist when it is missing or older than what it is made from, or does
// nothing. Runs before the gateway starts, with the Node that the project brings.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'console')
const dist = join(folder, 'dist')
const made = join(folder, `dist-${process.pid}`)
const STAMP = '.made-from'
const COMPRESSED = /\.(js|css|svg|json|txt)$/
const LEAST_BYTES = 1_024
const NOT_SOURCES = /^(dist|node_modules)/

/** Every file that the console is made from, in an order that stays. */
function sources() {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !NOT_SOURCES.test(relative(folder, file)))
  const operations = readdirSync(join(root, 'schema/operations'))
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => join(root, 'schema/operations', name))
  return [...files, ...operations, join(root, 'package-lock.json')].sort()
}

/** What the console is made from, in one word. */
export function fingerprint() {
  const hash = createHash('sha256')
  for (const file of sources()) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** Once when it is built, in place of at every visit. */
function compress() {
  for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !COMPRESSED.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = readFileSync(file)
    if (bytes.length < LEAST_BYTES) continue
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

/** A gateway that serves the old one meanwhile never sees half of a new one. */
async function buildConsole(wanted) {
  const { build } = await import('vite')
  await build({
    configFile: join(folder, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: made, emptyOutDir: true },
  })
  compress()
  writeFileSync(join(made, STAMP), wanted)
  rmSync(dist, { recursive: true, force: true })
  renameSync(made, dist)
}

async function ensureConsole() {
  const wanted = fingerprint()
  if (read(join(dist, STAMP)) === wanted) return
  process.stderr.write('Building the console (once for each version, some seconds) …\n')
  try {
    await buildConsole(wanted)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureConsole()

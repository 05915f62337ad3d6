import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { ENCODINGS, type Encoding } from '../compression/accepted-encoding.ts'

/** One file of the built console, with the forms in which it was compressed when it was built. */
export type ConsoleFile = {
  contentType: string
  /** Under a name that holds its hash: it never changes. */
  isImmutable: boolean
  plain: Buffer<ArrayBuffer>
  compressed: Partial<Record<Encoding, Buffer<ArrayBuffer>>>
}

/** The built console: its page, and its other files by their path below it. */
export type ConsoleFiles = { page: string; files: ReadonlyMap<string, ConsoleFile> }

const SUFFIX_OF: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }
const PAGE = 'index.html'
const HASHED_FOLDER = 'assets/'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

const isCompressed = (path: string) => Object.values(SUFFIX_OF).includes(extname(path))

async function readConsoleFile(
  folder: string,
  path: string,
  all: ReadonlySet<string>,
): Promise<ConsoleFile | null> {
  const contentType = CONTENT_TYPES[extname(path)]
  if (!contentType || isCompressed(path)) return null
  const compressed: ConsoleFile['compressed'] = {}
  for (const encoding of ENCODINGS) {
    const sibling = path + SUFFIX_OF[encoding]
    if (all.has(sibling)) compressed[encoding] = await readFile(join(folder, sibling))
  }
  const isImmutable = path.startsWith(HASHED_FOLDER)
  return { contentType, isImmutable, plain: await readFile(join(folder, path)), compressed }
}

/** What `scripts/build-console.mjs` made, read once; null where it has made nothing. */
export async function readConsoleFiles(folder: string): Promise<ConsoleFiles | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (failure: NodeJS.ErrnoException) => {
      if (failure.code === 'ENOENT') return null
      throw failure
    },
  )
  if (!entries) return null
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  const all = new Set(names)
  if (!all.has(PAGE)) return null
  const files = new Map<string, ConsoleFile>()
  for (const path of names) {
    const file = await readConsoleFile(folder, path, all)
    if (file) files.set(path, file)
  }
  return { page: await readFile(join(folder, PAGE), 'utf8'), files }
}

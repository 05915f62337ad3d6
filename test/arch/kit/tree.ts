import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The files that a rule looks at: the project itself, or a small world that a test made up. */
export type SourceTree = {
  readonly paths: readonly string[]
  has: (path: string) => boolean
  /** The text of a file; an unknown path is a bug of the rule. */
  read: (path: string) => string
}

export const projectRoot = fileURLToPath(new URL('../../../', import.meta.url))

const LEFT_OUT = new Set(['node_modules', 'var', '.git', '.install-lock', 'dist'])

/** A world of path → text. */
export function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return {
    paths: Object.keys(files).sort(),
    has: (path) => Object.hasOwn(files, path),
    read: (path) => files[path] ?? refuse(path),
  }
}

/** The project as it lies on the disk, without what is installed or produced by a run. */
export function projectTree(): SourceTree {
  const paths = filesUnder(projectRoot).map((path) =>
    relative(projectRoot, path).split(sep).join('/'),
  )
  const known = new Set(paths)
  const texts = new Map<string, string>()
  const read = (path: string) => {
    if (!known.has(path)) return refuse(path)
    const text = texts.get(path) ?? readFileSync(join(projectRoot, path), 'utf8')
    texts.set(path, text)
    return text
  }
  return { paths: paths.sort(), has: (path) => known.has(path), read }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesUnder(path)
    return entry.isFile() ? [path] : []
  })
}

function refuse(path: string): never {
  throw new Error(`no such file in this tree: ${path}`)
}

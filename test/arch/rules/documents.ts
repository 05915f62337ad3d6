import { posix } from 'node:path'
import type { Rule } from '../kit/rule.ts'
import type { SourceTree } from '../kit/tree.ts'

type Manifest = {
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const manifestOf = (tree: SourceTree): Manifest => JSON.parse(tree.read('package.json'))

/** Scripts that a person calls; the `pre…` beside each only installs. */
function publicScripts(tree: SourceTree): string[] {
  const names = Object.keys(manifestOf(tree).scripts ?? {})
  return names.filter((name) => !(name.startsWith('pre') && names.includes(name.slice(3))))
}

const LONGEST_README_LINES = 100

/** A newcomer reads one page. */
export const shortReadme: Rule = {
  name: `README.md has at most ${LONGEST_README_LINES} lines`,
  check: (tree) => {
    const lines = tree.read('README.md').trimEnd().split('\n').length
    return lines > LONGEST_README_LINES ? [`README.md has ${lines} lines`] : []
  },
}

/** What the page promises exists, and what exists is told: `| \`npm run check\` | … |`. */
export const readmeNamesScripts: Rule = {
  name: 'README.md and package.json name the same scripts',
  check: (tree) => {
    const rows = [...tree.read('README.md').matchAll(/^\| `npm (?:run )?([\w:-]+)/gm)]
    const told = new Set(rows.flatMap(([, name]) => name ?? []))
    const scripts = publicScripts(tree)
    return [
      ...scripts.filter((name) => !told.has(name)).map((name) => `README.md is silent on ${name}`),
      ...[...told].filter((name) => !scripts.includes(name)).map((name) => `no script ${name}`),
    ]
  },
}

const INSTALL = 'node scripts/ensure-install.mjs'

/** Any script works first on a fresh clone. */
export const scriptsInstall: Rule = {
  name: 'every script installs what is missing',
  check: (tree) => {
    const { scripts = {} } = manifestOf(tree)
    return publicScripts(tree).filter((name) => scripts[`pre${name}`]?.split(' && ')[0] !== INSTALL)
  },
}

/** A script that starts a file names one that exists. */
export const scriptFilesExist: Rule = {
  name: 'every file that a script starts exists',
  check: (tree) =>
    Object.entries(manifestOf(tree).scripts ?? {}).flatMap(([name, command]) =>
      [...command.matchAll(/\bnode ([\w./-]+\.(?:ts|mjs))/g)]
        .flatMap(([, path]) => path ?? [])
        .filter((path) => !tree.has(path))
        .map((path) => `${name} starts ${path}, which does not exist`),
    ),
}

/** A link of a document leads to a file or folder of the project. */
export const linksLead: Rule = {
  name: 'every link between documents leads somewhere',
  check: (tree) =>
    tree.paths
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        linksOf(tree.read(path))
          .map((link) => posix.join(posix.dirname(path), link))
          .filter((target) => !leadsSomewhere(tree, target))
          .map((target) => `${path} links to ${target}`),
      ),
}

function linksOf(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => link ?? [])
  return links
    .filter((link) => !/^(https?:|mailto:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''))
}

function leadsSomewhere(tree: SourceTree, target: string): boolean {
  const folder = target.endsWith('/') ? target : `${target}/`
  return tree.has(target) || tree.paths.some((path) => path.startsWith(folder))
}

/** `| \`name\` | 1.2.3 | licence | reason |`: nothing is installed that nobody explains. */
export const dependenciesExplained: Rule = {
  name: 'DEPENDENCIES.md gives a reason for each dependency, at its version, and for no other',
  check: (tree) => {
    const { dependencies, devDependencies } = manifestOf(tree)
    const wanted = { ...dependencies, ...devDependencies }
    const rows = tree
      .read('DEPENDENCIES.md')
      .matchAll(/^\| `([^`]+)` \| (\S+) \| ([^|]+) \| ([^|]+) \|$/gm)
    const told = new Map([...rows].map(([, name = '', version = '']) => [name, version]))
    return [
      ...Object.entries(wanted)
        .filter(([name, version]) => told.get(name) !== version)
        .map(([name, version]) => `no row for ${name} ${version}`),
      ...[...told.keys()].filter((name) => !(name in wanted)).map((name) => `${name} is not used`),
    ]
  },
}

/** Two installations of one commit are the same installation. */
export const dependenciesPinned: Rule = {
  name: 'every dependency is pinned to one version',
  check: (tree) => {
    const { dependencies, devDependencies } = manifestOf(tree)
    return Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name} ${version}`)
  },
}

type Locked = { version?: string; optionalDependencies?: Record<string, string> }

/** npm leaves out binaries that a registry does not offer; `npm ci` then refuses the lockfile. */
export const lockfileComplete: Rule = {
  name: 'the lockfile names the binaries of every platform',
  check: (tree) => {
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(
      tree.read('package-lock.json'),
    )
    const names = Object.values(packages).flatMap((one) =>
      Object.keys(one.optionalDependencies ?? {}),
    )
    const isLocked = (name: string) =>
      Object.entries(packages).some(
        ([path, { version }]) => path.endsWith(`node_modules/${name}`) && version,
      )
    return [...new Set(names)].filter((name) => !isLocked(name))
  },
}

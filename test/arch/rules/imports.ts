import { type Import, importsOf, packageOf } from '../kit/imports.ts'
import { clientFiles, productionFiles } from '../kit/rooms.ts'
import type { Rule } from '../kit/rule.ts'
import { childrenOf, parseSource } from '../kit/syntax.ts'
import type { SourceTree } from '../kit/tree.ts'

/** Who may take from where: the first row whose `files` match decides; nothing else is open. */
type Wall = {
  readonly files: RegExp
  readonly may: (target: string, match: RegExpExecArray) => boolean
}

const DOOR = /^subgraphs\/[^/]+\/subgraph\.ts$/
const isKernel = (target: string) => target.startsWith('kernel/')
const isGateway = (target: string) => target.startsWith('gateway/')
const inRooms = (match: RegExpExecArray, target: string, rooms: RegExp) => {
  const domain = `subgraphs/${match[1]}/`
  return target.startsWith(domain) && rooms.test(target.slice(domain.length))
}

const WALLS: readonly Wall[] = [
  // These know the platform by its API alone.
  { files: /^(console|sdk)\/src\//, may: (target, [own]) => target.startsWith(own) },
  { files: /^kernel\//, may: isKernel },
  {
    files: /^gateway\/local\.ts$/,
    may: (target) => isKernel(target) || isGateway(target) || DOOR.test(target),
  },
  { files: /^gateway\//, may: (target) => isKernel(target) || isGateway(target) },
  {
    files: /^subgraphs\/[^/]+\.ts$/,
    may: (target) => isKernel(target) || DOOR.test(target) || /^subgraphs\/[^/]+\.ts$/.test(target),
  },
  {
    files: /^subgraphs\/([^/]+)\/entities\//,
    may: (target, match) =>
      (isKernel(target) && !target.startsWith('kernel/graphql/')) ||
      inRooms(match, target, /^(entities\/|errors\.ts$)/),
  },
  {
    files: /^subgraphs\/([^/]+)\/services\//,
    may: (target, match) =>
      (isKernel(target) && !target.startsWith('kernel/graphql/')) ||
      inRooms(match, target, /^(services\/|entities\/|(errors|scopes)\.ts$)/),
  },
  {
    files: /^subgraphs\/([^/]+)\/types\//,
    may: (target, match) =>
      isKernel(target) ||
      inRooms(
        match,
        target,
        /^(types\/|services\/|entities\/|(builder|context|scopes|errors)\.ts$)/,
      ),
  },
  {
    files: /^subgraphs\/([^/]+)\/[^/]+\.ts$/,
    may: (target, match) => isKernel(target) || inRooms(match, target, /./),
  },
]

/** DESIGN part 3: `gateway -> kernel`, `types -> services -> entities -> kernel`, domains apart. */
export const importWalls: Rule = {
  name: 'imports go one way: gateway to kernel, types to services to entities to kernel',
  check: (tree) =>
    [...allImports(tree), ...clientFiles(tree).flatMap((path) => importsOf(tree, path))]
      .filter((one) => !one.isPackage && !isOpen(one))
      .map(describeOne),
}

function isOpen({ from, target }: Import): boolean {
  for (const wall of WALLS) {
    const match = wall.files.exec(from)
    if (match) return wall.may(target, match)
  }
  return false
}

const GRAPHQL_PACKAGE = /^(graphql|graphql-.*|@pothos\/.*|@apollo\/.*|@graphql-.*)$/

/** Services and entities are the domain; how it is asked about is not their concern. */
export const domainWithoutGraphql: Rule = {
  name: 'services and entities import no GraphQL',
  check: (tree) =>
    allImports(tree)
      .filter(({ from }) => /^subgraphs\/[^/]+\/(services|entities)\//.test(from))
      .filter(({ target, isPackage }) => isPackage && GRAPHQL_PACKAGE.test(packageOf(target)))
      .map(describeOne),
}

const ELASTIC_LICENCE =
  /^@apollo\/(composition|federation-internals|gateway|query-(graphs|planner))$/

/** What is not open source stays where an engine of our own can replace it (DEPENDENCIES.md). */
export const elasticInItsPlace: Rule = {
  name: 'packages under the Elastic License are imported by the gateway and composition alone',
  check: (tree) =>
    allImports(tree)
      .filter(({ target, isPackage }) => isPackage && ELASTIC_LICENCE.test(packageOf(target)))
      .filter(({ from }) => !from.startsWith('gateway/') && from !== 'kernel/graphql/compose.ts')
      .map(describeOne),
}

/** Whoever starts the process chooses the doors; nobody else opens one. */
export const doorsAreOpenedTwice: Rule = {
  name: 'only gateway/local.ts and subgraphs/main.ts open a subgraph door',
  check: (tree) =>
    allImports(tree)
      .filter(({ target }) => DOOR.test(target))
      .filter(({ from }) => from !== 'gateway/local.ts' && !/^subgraphs\/[^/]+\.ts$/.test(from))
      .map(describeOne),
}

/** A barrel hides cycles and loads files nobody asked for (STYLE 4). */
export const noBarrels: Rule = {
  name: 'no file only passes on what others export',
  check: (tree) => productionFiles(tree).filter((path) => isBarrel(tree.read(path))),
}

function isBarrel(text: string): boolean {
  const statements = childrenOf(parseSource(text))
  return (
    statements.length > 0 &&
    statements.every(
      ({ type, source }) =>
        type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && source !== null),
    )
  )
}

/** Two files that need each other are one concept in two files, or a layer upside down. */
export const noCycles: Rule = {
  name: 'no file needs itself through others',
  check: (tree) => {
    const needs = new Map<string, string[]>()
    for (const { from, target, isPackage, isTypeOnly, isLazy } of allImports(tree)) {
      if (!isPackage && !isTypeOnly && !isLazy) {
        needs.set(from, [...(needs.get(from) ?? []), target])
      }
    }
    return findCycles(needs)
  },
}

function findCycles(needs: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    if (finished.has(path)) return
    for (const next of needs.get(path) ?? []) visit(next, [...trail, path])
    finished.add(path)
  }
  for (const path of needs.keys()) visit(path, [])
  return cycles
}

/** What production needs is installed for production. */
export const productionWithoutTests: Rule = {
  name: 'production code imports neither tests nor development dependencies',
  check: (tree) => {
    const { dependencies = {} } = manifestOf(tree)
    return allImports(tree)
      .filter(({ target, isPackage, isTypeOnly }) =>
        isPackage
          ? !target.startsWith('node:') && !isTypeOnly && !(packageOf(target) in dependencies)
          : /^(test|bench|scripts)\//.test(target),
      )
      .map(describeOne)
  },
}

/** What package.json asks for and nothing imports is weight; `node` is the run-time itself. */
export const dependenciesAreUsed: Rule = {
  name: 'every dependency is imported somewhere',
  check: (tree) => {
    const { dependencies = {} } = manifestOf(tree)
    const imported = new Set(
      allImports(tree).flatMap(({ target, isPackage }) => (isPackage ? packageOf(target) : [])),
    )
    return Object.keys(dependencies).filter((name) => name !== 'node' && !imported.has(name))
  },
}

type Manifest = { dependencies?: Record<string, string> }

const manifestOf = (tree: SourceTree): Manifest =>
  tree.has('package.json') ? JSON.parse(tree.read('package.json')) : {}

const allImports = (tree: SourceTree): Import[] =>
  productionFiles(tree).flatMap((path) => importsOf(tree, path))

const describeOne = ({ from, line, target }: Import) => `${from}:${line} imports ${target}`

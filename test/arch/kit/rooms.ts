import type { SourceTree } from './tree.ts'

/** Files that every domain has. */
export const DOMAIN_FILES = [
  'subgraph.ts',
  'schema.ts',
  'builder.ts',
  'context.ts',
  'scopes.ts',
  'errors.ts',
  'seed.ts',
  'README.md',
] as const

/** Folders that every domain has, none of them empty. */
export const DOMAIN_FOLDERS = [
  'types',
  'services',
  'entities',
  'migrations/sqlite',
  'migrations/mysql',
] as const

/** The folders under subgraphs/. */
export function domainsOf(tree: SourceTree): string[] {
  const names = tree.paths.flatMap((path) => /^subgraphs\/([^/]+)\/./.exec(path)?.[1] ?? [])
  return [...new Set(names)]
}

/** TypeScript that runs in production; generated migrations are not ours to style. */
export function productionFiles(tree: SourceTree): string[] {
  return tree.paths.filter(
    (path) => /^(gateway|kernel|subgraphs)\/.*\.ts$/.test(path) && !path.includes('/migrations/'),
  )
}

/** TypeScript of those who know the platform by its API alone; what codegen makes is not ours to style. */
export function clientFiles(tree: SourceTree): string[] {
  return tree.paths.filter(
    (path) => /^(console|sdk)\/src\/.*\.tsx?$/.test(path) && !/\/(generated|gql)\//.test(path),
  )
}

/** All TypeScript of the project but generated migrations. */
export function sourceFiles(tree: SourceTree): string[] {
  return tree.paths.filter(
    (path) =>
      /^(gateway|kernel|subgraphs|scripts|test|bench)\/.*\.ts$/.test(path) &&
      !path.includes('/migrations/'),
  )
}

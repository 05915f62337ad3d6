import { posix } from 'node:path'
import { lineOf, nodeAt, nodesOf, textOf } from './syntax.ts'
import type { SourceTree } from './tree.ts'

/** One import or re-export: where it stands and which file or package it takes from. */
export type Import = {
  readonly from: string
  readonly line: number
  /** A path inside the project, or the specifier of a package (`node:fs`, `@pothos/core`). */
  readonly target: string
  readonly isPackage: boolean
  readonly isTypeOnly: boolean
  readonly isLazy: boolean
}

/** All imports of one file: static, re-exports and `import()` of a literal. */
export function importsOf(tree: SourceTree, path: string): Import[] {
  const text = tree.read(path)
  const nodes = nodesOf(
    text,
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
  )
  return nodes.flatMap((node) => {
    const specifier = textOf(nodeAt(node, 'source'))
    if (specifier === null) return []
    const target = resolveInProject(path, specifier)
    return {
      from: path,
      line: lineOf(text, node.start),
      target: target ?? specifier,
      isPackage: target === null,
      isTypeOnly: node.importKind === 'type' || node.exportKind === 'type',
      isLazy: node.type === 'ImportExpression',
    }
  })
}

/** The project's path behind a specifier, or null for a package. */
function resolveInProject(path: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  return specifier.startsWith('#') ? specifier.slice(1) : null
}

/** The package that a bare specifier belongs to: `@scope/name` or `name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

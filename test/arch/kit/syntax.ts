import { parseAst } from 'vitest/node'

/** One node of the ESTree that the TypeScript parser answers; offsets count characters. */
export type SyntaxNode = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

const parsed = new Map<string, SyntaxNode>()

/** What is no TypeScript alone has JSX in it. */
function parseProgram(text: string) {
  try {
    return parseAst(text, { lang: 'ts' })
  } catch {
    return parseAst(text, { lang: 'tsx' })
  }
}

/** The syntax tree of one TypeScript file; each text is parsed once. */
export function parseSource(text: string): SyntaxNode {
  const known = parsed.get(text)
  if (known) return known
  // The parser's own types describe every node; rules read only the few properties they name.
  const program = parseProgram(text) as unknown as SyntaxNode
  parsed.set(text, program)
  return program
}

/** True for whatever is a node of the tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** The nodes directly below one. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

/** Every node of the tree, parents before children. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node
  for (const child of childrenOf(node)) yield* walk(child)
}

/** The nodes of one type. */
export function nodesOf(text: string, ...types: string[]): SyntaxNode[] {
  return [...walk(parseSource(text))].filter((node) => types.includes(node.type))
}

/** A node that stands in a property, if it is one. */
export function nodeAt(node: SyntaxNode, property: string): SyntaxNode | null {
  const value = node[property]
  return isNode(value) ? value : null
}

/** The nodes that stand in a property holding a list. */
export function nodesAt(node: SyntaxNode, property: string): SyntaxNode[] {
  const value = node[property]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** `name` of an identifier, or null. */
export function nameOf(node: SyntaxNode | null): string | null {
  return node?.type === 'Identifier' && typeof node.name === 'string' ? node.name : null
}

/** The text of a string literal, or null. */
export function textOf(node: SyntaxNode | null): string | null {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}

/** The name after the dot of `receiver.name`, or null. */
export function memberOf(node: SyntaxNode | null): string | null {
  if (node?.type !== 'MemberExpression') return null
  return node.computed === true
    ? textOf(nodeAt(node, 'property'))
    : nameOf(nodeAt(node, 'property'))
}

/** The name of a property in an object literal or pattern, quoted or not. */
export function keyOf(node: SyntaxNode): string | null {
  if (node.type !== 'Property' || node.computed === true) return null
  const key = nodeAt(node, 'key')
  return nameOf(key) ?? textOf(key)
}

/** The line, counted from 1, on which an offset lies. */
export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1
  }
  return line
}

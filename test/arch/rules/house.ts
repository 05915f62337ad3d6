import {
  clientFiles,
  DOMAIN_FILES,
  DOMAIN_FOLDERS,
  domainsOf,
  productionFiles,
  sourceFiles,
} from '../kit/rooms.ts'
import type { Rule } from '../kit/rule.ts'
import { childrenOf, lineOf, nodeAt, nodesAt, parseSource, type SyntaxNode } from '../kit/syntax.ts'
import type { SourceTree } from '../kit/tree.ts'

/** Whoever knows one domain knows all of them. */
export const sameRooms: Rule = {
  name: 'every domain has the same rooms',
  check: (tree) => domainsOf(tree).flatMap((domain) => missingRooms(tree, domain)),
}

function missingRooms(tree: SourceTree, domain: string): string[] {
  const house = `subgraphs/${domain}`
  const files = DOMAIN_FILES.filter((name) => !tree.has(`${house}/${name}`))
  const folders = DOMAIN_FOLDERS.filter(
    (name) => !tree.paths.some((path) => path.startsWith(`${house}/${name}/`)),
  )
  return [...files, ...folders.map((name) => `${name}/`)].map(
    (name) => `${house}/${name} is missing`,
  )
}

const LONGEST_FILE_LINES = 300
const LONGEST_FUNCTION_LINES = 60

const styledFiles = (tree: SourceTree) => [...productionFiles(tree), ...clientFiles(tree)]

/** STYLE 2: past 300 lines a file usually holds two things. */
export const shortFiles: Rule = {
  name: `no production file is longer than ${LONGEST_FILE_LINES} lines`,
  check: (tree) =>
    styledFiles(tree).flatMap((path) => {
      const lines = tree.read(path).trimEnd().split('\n').length
      return lines > LONGEST_FILE_LINES ? [`${path} has ${lines} lines`] : []
    }),
}

/**
 * The bound beyond which no reason helps; STYLE 3 asks for half of it. Functions inside count for
 * themselves, so that a factory is not measured by the methods it returns.
 */
export const shortFunctions: Rule = {
  name: `no production function has more than ${LONGEST_FUNCTION_LINES} lines of its own`,
  check: (tree) =>
    styledFiles(tree).flatMap((path) => {
      const text = tree.read(path)
      return functionsOf(text).flatMap((node) => {
        const lines = ownLines(text, node)
        return lines > LONGEST_FUNCTION_LINES
          ? [`${path}:${lineOf(text, node.start)} has ${lines} lines`]
          : []
      })
    }),
}

/** Lines of a function without those that lie wholly within functions inside it. */
function ownLines(text: string, node: SyntaxNode): number {
  const inner = innerFunctions(node).map((one) => linesBetween(text, one) - 1)
  return linesBetween(text, node) + 1 - inner.reduce((sum, lines) => sum + Math.max(lines, 0), 0)
}

const linesBetween = (text: string, { start, end }: SyntaxNode) =>
  lineOf(text, end) - lineOf(text, start)

function innerFunctions(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node).flatMap((child) =>
    FUNCTIONS.includes(child.type) ? [child] : innerFunctions(child),
  )
}

/** STYLE 3: a fourth parameter is an object that has no name yet; resolvers get GraphQL's four. */
export const fewParameters: Rule = {
  name: 'no declared function takes more than three parameters',
  check: (tree) =>
    styledFiles(tree).flatMap((path) => {
      const text = tree.read(path)
      return functionsOf(text)
        .filter(({ type }) => type === 'FunctionDeclaration')
        .filter((node) => nodesAt(node, 'params').length > 3)
        .map((node) => `${path}:${lineOf(text, node.start)} takes more than three parameters`)
    }),
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

/** Functions, but not arrows that only build an object: `fields: (t) => ({ … })` is a table. */
function functionsOf(text: string): SyntaxNode[] {
  const found: SyntaxNode[] = []
  const visit = (node: SyntaxNode): void => {
    if (FUNCTIONS.includes(node.type) && !isTable(node)) found.push(node)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(parseSource(text))
  return found
}

function isTable(node: SyntaxNode): boolean {
  const body = nodeAt(node, 'body')
  const inner = body?.type === 'ParenthesizedExpression' ? nodeAt(body, 'expression') : body
  return node.type === 'ArrowFunctionExpression' && inner?.type === 'ObjectExpression'
}

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|prove|d))?\.ts$/

/** STYLE 2: one way to write a file's name, so that it can be guessed. */
export const kebabCase: Rule = {
  name: 'source files are named in kebab-case',
  check: (tree) =>
    sourceFiles(tree).filter((path) => !KEBAB_CASE.test(path.split('/').at(-1) ?? '')),
}

// Written in parts, or this file would break its own law.
const MACHINE_PATH = new RegExp(`(^|[^\\w.])/(${['work', 'root', 'home'].join('|')})/`)
const UNFINISHED = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b(?!\\(#\\d+\\))`,
)
const PROSE_OR_CODE = /\.(ts|mjs|js|md|json|yml|yaml|graphql|html)$|^\.ci\/run$/

/** What stands here holds on every machine, and is finished. */
export const noForbiddenWords: Rule = {
  name: 'no file names a path of one machine or leaves work without an issue',
  check: (tree) =>
    tree.paths
      .filter((path) => PROSE_OR_CODE.test(path) && path !== 'package-lock.json')
      .flatMap((path) =>
        tree
          .read(path)
          .split('\n')
          .flatMap((line, index) =>
            MACHINE_PATH.test(line) || UNFINISHED.test(line)
              ? [`${path}:${index + 1} ${line.trim()}`]
              : [],
          ),
      ),
}

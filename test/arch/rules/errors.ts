import { productionFiles } from '../kit/rooms.ts'
import type { Rule } from '../kit/rule.ts'
import {
  keyOf,
  lineOf,
  nameOf,
  nodeAt,
  nodesAt,
  nodesOf,
  type SyntaxNode,
  textOf,
} from '../kit/syntax.ts'
import type { SourceTree } from '../kit/tree.ts'

type Code = {
  readonly code: string
  /** The catalogue's name in its file: `identityError`. */
  readonly catalogue: string
  readonly path: string
  readonly line: number
}

/** Every code of every `export const xError = defineErrors({ … })`. */
export function declaredCodes(tree: SourceTree): Code[] {
  return productionFiles(tree).flatMap((path) => {
    const text = tree.read(path)
    return nodesOf(text, 'VariableDeclarator').flatMap((node) => {
      const catalogue = nameOf(nodeAt(node, 'id'))
      return entriesOf(node).map((entry) => ({
        code: keyOf(entry) ?? '',
        catalogue: catalogue ?? '',
        path,
        line: lineOf(text, entry.start),
      }))
    })
  })
}

function entriesOf(declarator: SyntaxNode): SyntaxNode[] {
  const call = nodeAt(declarator, 'init')
  if (call?.type !== 'CallExpression' || nameOf(nodeAt(call, 'callee')) !== 'defineErrors')
    return []
  return nodesAt(call, 'arguments').flatMap((argument) => nodesAt(argument, 'properties'))
}

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/

/** Federation's own word: whoever refuses a field says it alike, the gateway or the subgraph. */
const SAID_BY_SEVERAL = new Set(['UNAUTHORIZED_FIELD_OR_TYPE'])

/** A code is a word for good: it is written one way and means one thing. */
export const codesAreUnique: Rule = {
  name: 'every error code is in capitals and declared once',
  check: (tree) => {
    const codes = declaredCodes(tree)
    return codes
      .filter(
        ({ code }, index) =>
          !CODE.test(code) ||
          (!SAID_BY_SEVERAL.has(code) && codes.findIndex((other) => other.code === code) !== index),
      )
      .map(describeCode)
  },
}

/** A catalogue of refusals that never happen is a wrong promise. */
export const codesAreThrown: Rule = {
  name: 'every declared error code is used outside its catalogue',
  check: (tree) => {
    const used = new Set(
      productionFiles(tree).flatMap((path) =>
        nodesOf(tree.read(path), 'Literal').map((node) => textOf(node)),
      ),
    )
    return declaredCodes(tree)
      .filter(({ code }) => !used.has(code))
      .map(describeCode)
  },
}

/** `identityError('TYPO')` is stopped by the compiler too; a cast would pass it. */
export const thrownCodesAreDeclared: Rule = {
  name: 'every thrown error code is declared in the catalogue it is thrown from',
  check: (tree) => {
    const declared = declaredCodes(tree)
    const known = new Set(declared.map(({ catalogue, code }) => `${catalogue} ${code}`))
    const catalogues = new Set(declared.map(({ catalogue }) => catalogue))
    return productionFiles(tree).flatMap((path) => {
      const text = tree.read(path)
      return nodesOf(text, 'CallExpression').flatMap((call) => {
        const callee = nameOf(nodeAt(call, 'callee'))
        const code = textOf(nodesAt(call, 'arguments')[0] ?? null)
        if (code === null || !isCatalogue(callee, catalogues)) return []
        if (known.has(`${callee} ${code}`)) return []
        return [`${path}:${lineOf(text, call.start)} ${callee}('${code}') is declared nowhere`]
      })
    })
  },
}

const isCatalogue = (callee: string | null, catalogues: ReadonlySet<string>): callee is string =>
  callee !== null && (catalogues.has(callee) || (callee.endsWith('Error') && /^[a-z]/.test(callee)))

/** STYLE 19: a refusal that no test has seen is a guess. */
export const codesAreTested: Rule = {
  name: 'every declared error code stands in a test',
  check: (tree) => {
    const tests = tree.paths
      .filter((path) => /^test\/(?!arch\/).*\.ts$/.test(path))
      .map((path) => tree.read(path))
    return declaredCodes(tree)
      .filter(({ code }) => !tests.some((text) => text.includes(code)))
      .map(describeCode)
  },
}

const describeCode = ({ path, line, code }: Code) => `${path}:${line} ${code}`

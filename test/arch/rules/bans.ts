import { productionFiles } from '../kit/rooms.ts'
import type { Rule } from '../kit/rule.ts'
import {
  keyOf,
  lineOf,
  memberOf,
  nameOf,
  nodeAt,
  nodesAt,
  nodesOf,
  parseSource,
  type SyntaxNode,
  textOf,
  walk,
} from '../kit/syntax.ts'
import type { SourceTree } from '../kit/tree.ts'

type Ban = {
  readonly name: string
  readonly files: (path: string) => boolean
  /** What to say of a node that breaks the law, or null. */
  readonly says: (node: SyntaxNode) => string | null
}

function ruleOf({ name, files, says }: Ban): Rule {
  const checkFile = (tree: SourceTree, path: string) => {
    const text = tree.read(path)
    return [...walk(parseSource(text))].flatMap((node) => {
      const sentence = says(node)
      return sentence === null ? [] : [`${path}:${lineOf(text, node.start)} ${sentence}`]
    })
  }
  return {
    name,
    check: (tree) =>
      productionFiles(tree)
        .filter(files)
        .flatMap((path) => checkFile(tree, path)),
  }
}

const isGlobal = (node: SyntaxNode | null, name: string) => nameOf(node) === name

/** One file reads it; the other tells Apollo's package, which can be told in no other way. */
const ENVIRONMENT_FILES = new Set(['kernel/config.ts', 'gateway/engine/vendor-telemetry.ts'])

/** Settings are read, checked and named in one place. */
export const configurationInOnePlace: Rule = ruleOf({
  name: 'process.env is read in kernel/config.ts alone',
  files: (path) => !ENVIRONMENT_FILES.has(path),
  says: (node) =>
    memberOf(node) === 'env' && isGlobal(nodeAt(node, 'object'), 'process')
      ? 'reads process.env'
      : null,
})

/** What the platform says goes through its log, where secrets are taken out. */
export const noConsole: Rule = ruleOf({
  name: 'nothing writes to the console',
  files: () => true,
  says: (node) =>
    node.type === 'MemberExpression' && isGlobal(nodeAt(node, 'object'), 'console')
      ? 'uses console'
      : null,
})

/** DESIGN rule 9: a test owns time and chance, so nobody else may ask the machine for them. */
export const injectedTime: Rule = ruleOf({
  name: 'time and chance are injected',
  files: (path) => path !== 'kernel/clock.ts' && path !== 'kernel/ids.ts',
  says: (node) => {
    const callee = nodeAt(node, 'callee')
    if (node.type === 'NewExpression' && isGlobal(callee, 'Date')) {
      return nodesAt(node, 'arguments').length === 0 ? 'asks the machine for the time' : null
    }
    if (node.type !== 'CallExpression') return null
    const receiver = callee && nodeAt(callee, 'object')
    if (memberOf(callee) === 'now' && isGlobal(receiver, 'Date')) return 'calls Date.now()'
    return memberOf(callee) === 'random' && isGlobal(receiver, 'Math')
      ? 'calls Math.random()'
      : null
  },
})

/** Each of these was seen to pass the tenant filter or the flush guard (DESIGN rule 4). */
const PASSES_A_GUARD = new Set([
  'createQueryBuilder',
  'getConnection',
  'getKnex',
  'getKysely',
  'getReference',
  'insertMany',
  'nativeDelete',
  'nativeInsert',
  'nativeUpdate',
  'qb',
  'updateMany',
  'upsert',
  'upsertMany',
])

/** Innocent words elsewhere: banned on an entity manager only. */
const PASSES_ON_A_MANAGER = new Set(['execute', 'insert', 'map', 'merge', 'raw'])

const MANAGER_NAMES = new Set(['em', 'tx', 'trx', 'entityManager', 'manager', 'fork'])

/** Reads and writes go the way that is watched. */
export const guardedDatabase: Rule = ruleOf({
  name: 'query builder, raw SQL and unguarded writes stand in kernel/db alone',
  files: (path) => !path.startsWith('kernel/db/'),
  says: (node) =>
    unguardedCall(node) ?? rawSql(node) ?? liftedFilter(node) ?? sharedTransaction(node),
})

function unguardedCall(node: SyntaxNode): string | null {
  const member = memberOf(node)
  if (member === null) return null
  if (PASSES_A_GUARD.has(member)) return `uses ${member}`
  return PASSES_ON_A_MANAGER.has(member) && isManager(nodeAt(node, 'object'))
    ? `uses ${member} of an entity manager`
    : null
}

/** `em`, `this.em`, `deps.em`, `em.fork()`, `database.fork(reach)`. */
function isManager(receiver: SyntaxNode | null): boolean {
  if (receiver === null) return false
  const name = nameOf(receiver) ?? memberOf(receiver)
  if (name !== null) return MANAGER_NAMES.has(name)
  return receiver.type === 'CallExpression' && memberOf(nodeAt(receiver, 'callee')) === 'fork'
}

function rawSql(node: SyntaxNode): string | null {
  if (node.type !== 'ImportDeclaration') return null
  if (!textOf(nodeAt(node, 'source'))?.startsWith('@mikro-orm/')) return null
  const names = nodesAt(node, 'specifiers').map((one) => nameOf(nodeAt(one, 'imported')))
  const banned = names.filter((name) => name === 'raw' || name === 'sql')
  return banned.length > 0 ? `imports ${banned.join(', ')} of MikroORM` : null
}

function liftedFilter(node: SyntaxNode): string | null {
  if (keyOf(node) !== 'filters') return null
  const value = nodeAt(node, 'value')
  const isOff = (one: SyntaxNode | null) => one?.type === 'Literal' && one.value === false
  if (isOff(value)) return 'lifts the filters'
  const parts = value?.type === 'ObjectExpression' ? nodesAt(value, 'properties') : []
  return parts.some((part) => isOff(nodeAt(part, 'value'))) ? 'lifts a filter' : null
}

/** A second unit of work in one transaction has one name, `forkInside`. */
const sharedTransaction = (node: SyntaxNode): string | null =>
  keyOf(node) === 'keepTransactionContext' ? 'shares a transaction by hand' : null

/** A resolver picks arguments, calls one service and returns (STYLE 12, 13). */
export const typesWithoutManager: Rule = {
  name: 'types never touch the entity manager',
  check: (tree) =>
    productionFiles(tree)
      .filter((path) => /^subgraphs\/[^/]+\/types\//.test(path))
      .flatMap((path) => managersIn(tree, path)),
}

function managersIn(tree: SourceTree, path: string): string[] {
  const text = tree.read(path)
  const identifiers = nodesOf(text, 'Identifier').filter((node) =>
    ['em', 'tx', 'trx', 'entityManager', 'EntityManager', 'SqlEntityManager'].includes(
      nameOf(node) ?? '',
    ),
  )
  const imports = nodesOf(text, 'ImportDeclaration').filter((node) =>
    textOf(nodeAt(node, 'source'))?.startsWith('@mikro-orm/'),
  )
  return [...identifiers, ...imports].map(
    (node) => `${path}:${lineOf(text, node.start)} ${text.slice(node.start, node.end)}`,
  )
}

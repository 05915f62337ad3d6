import { domainsOf, productionFiles } from '../kit/rooms.ts'
import type { Rule } from '../kit/rule.ts'
import { keyOf, nameOf, nodeAt, nodesAt, nodesOf, type SyntaxNode, textOf } from '../kit/syntax.ts'
import type { SourceTree } from '../kit/tree.ts'

const declarationOf = (domain: string) => `subgraphs/${domain}/audit-actions.ts`

/** The actions that a domain declares. */
function declaredIn(tree: SourceTree, domain: string): string[] {
  const path = declarationOf(domain)
  if (!tree.has(path)) return []
  return nodesOf(tree.read(path), 'VariableDeclarator')
    .filter((node) => nameOf(nodeAt(node, 'id')) === 'AUDIT_ACTIONS')
    .flatMap((node) => {
      const init = nodeAt(node, 'init')
      const object = init?.type === 'TSAsExpression' ? nodeAt(init, 'expression') : init
      return object ? nodesAt(object, 'properties').flatMap((entry) => keyOf(entry) ?? []) : []
    })
}

const ACTION = /^[a-z]+(-[a-z]+)*\.[a-z]+([-_][a-z]+)*$/

/** Identity names its audit entries after the security events beside them. */
const keysOf = (domain: string) => (domain === 'identity' ? ['action', 'type'] : ['action'])

const filesOf = (tree: SourceTree, domain: string) =>
  productionFiles(tree).filter(
    (path) => path.startsWith(`subgraphs/${domain}/`) && path !== declarationOf(domain),
  )

/** A template as a pattern: `bet.${change}` stands for whatever begins so. */
function patternOf(template: SyntaxNode): RegExp {
  const texts = nodesAt(template, 'quasis').map(({ value }) => (value as { raw: string }).raw)
  return new RegExp(`^${texts.map((text) => text.replace('.', '\\.')).join('[\\w-]+')}$`)
}

type Written = { path: string; text: string; isMeant: (action: string) => boolean }

/** What the values of some properties say: texts, both ends of a choice, templates. */
function saidBy(path: string, value: SyntaxNode | null): Written[] {
  if (value?.type === 'ConditionalExpression') {
    return ['consequent', 'alternate'].flatMap((end) => saidBy(path, nodeAt(value, end)))
  }
  if (value?.type === 'TemplateLiteral') {
    const pattern = patternOf(value)
    return [{ path, text: String(pattern), isMeant: (action) => pattern.test(action) }]
  }
  const text = value?.type === 'Literal' ? textOf(value) : null
  if (text === null || !ACTION.test(text)) return []
  return [{ path, text, isMeant: (action) => action === text }]
}

const writtenIn = (tree: SourceTree, domain: string): Written[] =>
  filesOf(tree, domain).flatMap((path) =>
    nodesOf(tree.read(path), 'Property')
      .filter((node) => keysOf(domain).includes(keyOf(node) ?? ''))
      .flatMap((node) => saidBy(path, nodeAt(node, 'value'))),
  )

/** Whoever searches the log finds every action in the list. */
export const actionsAreDeclared: Rule = {
  name: 'every audit action that a domain writes is declared there',
  check: (tree) =>
    domainsOf(tree).flatMap((domain) => {
      const declared = declaredIn(tree, domain)
      return writtenIn(tree, domain)
        .filter(({ isMeant }) => !declared.some(isMeant))
        .map(({ path, text }) => `${path}: ${text} is not in ${declarationOf(domain)}`)
    }),
}

/** A list of what never happens is a wrong promise. */
export const actionsAreWritten: Rule = {
  name: 'every declared audit action is written by its domain',
  check: (tree) =>
    domainsOf(tree).flatMap((domain) => {
      const written = writtenIn(tree, domain)
      const texts = new Set(
        filesOf(tree, domain).flatMap((path) =>
          nodesOf(tree.read(path), 'Literal').map((node) => textOf(node)),
        ),
      )
      return declaredIn(tree, domain)
        .filter((action) => !texts.has(action) && !written.some(({ isMeant }) => isMeant(action)))
        .map((action) => `${declarationOf(domain)}: ${action} is written nowhere`)
    }),
}

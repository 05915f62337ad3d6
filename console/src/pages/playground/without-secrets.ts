import { type ASTNode, type DocumentNode, GraphQLError, parse, visit } from 'graphql'

/** Names of arguments, fields and variables whose values are nobody's to keep. */
const SECRET = /password|secret|token|api_?key/i
/** The same in a text that cannot be read yet; a string that is not closed goes to its end. */
const SECRET_VALUES =
  /((?:password|secret|token|api_?key)\w*"?\s*:\s*(?:[\w![\]]+\s*=\s*)?)(?:"""(?:\\"""|[\s\S])*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?)/gi
/** Keys and tokens by their form, wherever they stand. */
const BEARERS = /dsk_[\w.-]{8,}|eyJ[\w-]{8,}\.[\w.-]{8,}/g

const MOST_TOKENS = 20_000

function read(text: string): DocumentNode | null {
  try {
    return parse(text, { maxTokens: MOST_TOKENS })
  } catch (failure) {
    if (!(failure instanceof GraphQLError)) throw failure
    return null
  }
}

/** What stands in secret places of a document: strings, each from where to where, and variables. */
type Secrets = { strings: Map<number, number>; variables: Set<string> }

function secretsIn(document: DocumentNode): Secrets {
  const strings = new Map<number, number>()
  const variables = new Set<string>()
  const within = (node: ASTNode) =>
    visit(node, {
      StringValue: ({ loc }) => void (loc && strings.set(loc.start, loc.end)),
      Variable: ({ name }) => void variables.add(name.value),
    })
  const look = (node: ASTNode & { name: { value: string } }) => {
    if (SECRET.test(node.name.value)) within(node)
  }
  visit(document, { Argument: look, ObjectField: look })
  visit(document, {
    VariableDefinition({ variable: { name }, defaultValue }) {
      if (defaultValue && (variables.has(name.value) || SECRET.test(name.value))) {
        within(defaultValue)
      }
    },
  })
  return { strings, variables }
}

function blanked(text: string, { strings }: Secrets): string {
  const lastFirst = [...strings].toSorted(([one], [other]) => other - one)
  return lastFirst.reduce(
    (rest, [start, end]) => `${rest.slice(0, start)}""${rest.slice(end)}`,
    text,
  )
}

/** An operation without what only its writer should know: passwords, tokens, keys. */
export function withoutSecrets(text: string): string {
  const document = read(text)
  const rest = document ? blanked(text, secretsIn(document)) : text
  return rest.replace(SECRET_VALUES, '$1""').replace(BEARERS, '')
}

/** Whether a value of these variables may stand in a secret place, as far as one can tell. */
function mayHoldSecrets(text: string): boolean {
  const document = read(text)
  if (document) return secretsIn(document).variables.size > 0
  return SECRET.test(text) && text.includes('$')
}

/** Values under secret names, however deep, are emptied. */
function emptied(value: unknown, isSecret: boolean): unknown {
  if (typeof value === 'string') return isSecret ? '' : value
  if (typeof value !== 'object' || value === null) return isSecret ? null : value
  if (Array.isArray(value)) return value.map((each) => emptied(each, isSecret))
  const members = Object.entries(value)
  return Object.fromEntries(
    members.map(([name, member]) => [name, emptied(member, isSecret || SECRET.test(name))]),
  )
}

/** The variables of an operation, the same way; none where one of them is passed to a secret place. */
export function variablesWithoutSecrets(text: string, variables: string): string {
  if (mayHoldSecrets(text)) return ''
  try {
    const values: unknown = JSON.parse(variables)
    const rest = emptied(values, false)
    const isSame = JSON.stringify(rest) === JSON.stringify(values)
    return (isSame ? variables : JSON.stringify(rest, null, 2)).replace(BEARERS, '')
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return variables.replace(SECRET_VALUES, '$1""').replace(BEARERS, '')
  }
}

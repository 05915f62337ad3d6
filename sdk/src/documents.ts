import { type DocumentNode, print } from 'graphql'
import { clientError } from './errors.ts'

/** What codegen for GraphQL writes onto a document so that TypeScript knows its result and variables. */
export type Typed<Result, Variables> = {
  readonly __apiType?: (variables: Variables) => Result
}

/** The text of an operation that knows its types. */
export type TypedText<Result, Variables> = string & Typed<Result, Variables>

/** A text whose types nobody wrote down. */
export type PlainText = string & { readonly __apiType?: never }

/** What `TypedDocumentString` of codegen is: a text in an object. */
type Boxed = { toString(): string; readonly length: number }

/** A document of one operation: text, parsed, or in the box of codegen's `documentMode: 'string'`. */
export type TypedDocument<Result, Variables> = Typed<Result, Variables> &
  (string | DocumentNode | Boxed)

/** What an operation does. */
export type OperationKind = 'query' | 'mutation' | 'subscription'

/** One operation as it is sent. */
export type Operation = { readonly text: string; readonly kind: OperationKind }

const known = new WeakMap<object, Operation>()

/** The one operation of a document. @throws DOCUMENT_INVALID */
export function operationOf(document: unknown): Operation {
  if (typeof document === 'string') return read(document)
  if (typeof document !== 'object' || document === null) throw invalid('it is no document')
  const operation = known.get(document) ?? read(textOf(document))
  known.set(document, operation)
  return operation
}

/** The one operation of a document, which is of a kind. @throws DOCUMENT_INVALID */
export function operationOfKind(document: unknown, kind: OperationKind): Operation {
  const operation = operationOf(document)
  if (operation.kind !== kind) throw invalid(`a ${operation.kind} was given for a ${kind}`)
  return operation
}

const invalid = (reason: string) => clientError('DOCUMENT_INVALID', { reason })

const isParsed = (document: object): document is DocumentNode =>
  'kind' in document && document.kind === 'Document'

const textOf = (document: object) => (isParsed(document) ? print(document) : String(document))

// Block texts before texts before comments: what stands in one is none of the others.
const IGNORED = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*/g

/** Reads no more than what says the kind: the platform judges the rest. */
function read(text: string): Operation {
  const kinds = definitionsOf(text.replaceAll(IGNORED, ' ')).flatMap(kindOf)
  const [kind] = kinds
  if (kind && kinds.length === 1) return { text, kind }
  throw invalid('it has to hold one operation')
}

/** What stands before the outermost braces, one for each definition. */
function definitionsOf(text: string): string[] {
  const heads: string[] = []
  let [depth, from] = [0, 0]
  for (const { index, 0: brace } of text.matchAll(/[{}()]/g)) {
    const isOpening = brace === '{' || brace === '('
    if (brace === '{' && depth === 0) heads.push(text.slice(from, index))
    depth += isOpening ? 1 : -1
    if (brace === '}' && depth === 0) from = index + 1
  }
  return heads
}

function kindOf(head: string): OperationKind[] {
  const [word = ''] = head.trim().split(/[^\w]/, 1)
  if (word === '') return ['query']
  return word === 'query' || word === 'mutation' || word === 'subscription' ? [word] : []
}

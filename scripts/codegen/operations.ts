import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationTypeNode,
  parse,
  print,
  validate,
} from 'graphql'
import { SHA256_PREFIX } from '#gateway/documents/document-id.ts'
import { sha256Of } from '#gateway/documents/manifest.ts'

/** The text of one file, and where it stands. */
export type OperationFile = { readonly path: string; readonly text: string }

/** One named operation of one file, as it is sent and under the id by which it is known. */
export type Operation = {
  readonly name: string
  readonly kind: OperationTypeNode
  readonly path: string
  readonly id: string
  readonly source: string
  readonly document: DocumentNode
}

/** How the documents of a folder are made ready. */
export type Preparing = (document: DocumentNode) => DocumentNode

/** An operation of a file that cannot become a persisted document, and why. */
export class OperationRefused extends Error {
  override readonly name = 'OperationRefused'
}

/** The files of a folder in the order of their names; none where there is no such folder. */
export function readOperationFiles(root: string, folder: string): OperationFile[] {
  if (!existsSync(join(root, folder))) return []
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.graphql'))
  return names.sort().map((name) => {
    const path = `${folder}/${name}`
    return { path, text: readFileSync(join(root, path), 'utf8') }
  })
}

const asItIs: Preparing = (document) => document

/** The operations of files of one client: each valid, one to a file, no name twice. @throws OperationRefused */
export function operationsOf(
  schema: GraphQLSchema,
  files: readonly OperationFile[],
  prepare = asItIs,
): Operation[] {
  const operations = files.map((file) => operationOf(schema, file, prepare))
  const names = new Set(operations.map(({ name }) => name))
  if (names.size < operations.length) throw new OperationRefused('two operations of one name')
  return operations
}

function operationOf(
  schema: GraphQLSchema,
  { path, text }: OperationFile,
  prepare: Preparing,
): Operation {
  const document = prepare(parse(text, { noLocation: true }))
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (operation?.kind !== Kind.OPERATION_DEFINITION || operations.length > 1 || !operation.name)
    throw new OperationRefused(`${path}: one named operation to a file`)
  const mistakes = validate(schema, document).map(({ message }) => `${path}: ${message}`)
  if (mistakes.length > 0) throw new OperationRefused(mistakes.join('\n'))
  const source = print(document)
  const id = SHA256_PREFIX + sha256Of(source)
  return { name: operation.name.value, kind: operation.operation, path, id, source, document }
}

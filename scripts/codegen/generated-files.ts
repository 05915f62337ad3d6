import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiSchemaOf } from '#gateway/engine/api-schema.ts'
import { collectErrorCodes, renderErrorCodes } from './error-codes.ts'
import { renderIntrospection } from './introspection.ts'
import { renderManifest } from './manifest.ts'
import { operationsOf, readOperationFiles } from './operations.ts'
import { renderParsedDocuments, renderTextDocuments } from './typed-documents.ts'
import { withTypename } from './with-typename.ts'

const PARTNERS = 'schema/operations'
const CONSOLE = 'console/src/operations'
/** Nothing lies in it that codegen has not made. */
const CONSOLE_DOCUMENTS = 'console/src/gql'

/** Everything that codegen makes: path → text. @throws OperationRefused */
export async function generatedFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const schema = apiSchemaOf(readFileSync(join(root, 'schema/supergraph.graphql'), 'utf8'))
  const partners = operationsOf(schema, readOperationFiles(root, PARTNERS))
  const ours = operationsOf(schema, readOperationFiles(root, CONSOLE), withTypename)
  const files = new Map([
    ['schema/documents.json', renderManifest([...partners, ...ours])],
    ['sdk/src/generated/operations.ts', await renderTextDocuments(schema, partners)],
    ['sdk/src/generated/introspection.ts', renderIntrospection(schema)],
    ['sdk/src/generated/error-codes.ts', renderErrorCodes(await collectErrorCodes())],
  ])
  if (ours.length === 0) return files
  for (const [name, text] of await renderParsedDocuments(schema, ours))
    files.set(`${CONSOLE_DOCUMENTS}/${name}`, text)
  return files
}

/** Which of the files are not on the disk as they are made, and which lie there that nothing makes. */
export function staleFiles(root: string, files: ReadonlyMap<string, string>): string[] {
  const isFresh = (path: string, wanted: string) =>
    existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8') === wanted
  const changed = [...files].filter(([path, wanted]) => !isFresh(path, wanted))
  return [...changed.map(([path]) => path), ...leftOver(root, files)]
}

function leftOver(root: string, files: ReadonlyMap<string, string>): string[] {
  if (!existsSync(join(root, CONSOLE_DOCUMENTS))) return []
  const lying = readdirSync(join(root, CONSOLE_DOCUMENTS), { recursive: true, encoding: 'utf8' })
  const paths = lying.filter((name) => name.endsWith('.ts'))
  return paths.map((name) => `${CONSOLE_DOCUMENTS}/${name}`).filter((path) => !files.has(path))
}

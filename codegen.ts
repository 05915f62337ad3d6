import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GraphQLSchema, Kind, parse, print, validate } from 'graphql'
import { SHA256_PREFIX } from './gateway/documents/document-id.ts'
import { sha256Of } from './gateway/documents/manifest.ts'
import { apiSchemaOf } from './gateway/engine/api-schema.ts'

const root = import.meta.dirname
const OPERATIONS = 'schema/operations'
const MANIFEST = 'schema/documents.json'

/** An operation of a file that cannot become a persisted document, and why. */
class OperationRefused extends Error {
  override readonly name = 'OperationRefused'
}

/** The document of one file: one named operation that the API schema answers. */
function documentOf(schema: GraphQLSchema, { path, text }: { path: string; text: string }) {
  const document = parse(text)
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (operation?.kind !== Kind.OPERATION_DEFINITION || operations.length > 1 || !operation.name)
    throw new OperationRefused(`${path}: one named operation to a file`)
  const mistakes = validate(schema, document).map(({ message }) => `${path}: ${message}`)
  if (mistakes.length > 0) throw new OperationRefused(mistakes.join('\n'))
  const source = print(document)
  return { name: operation.name.value, id: SHA256_PREFIX + sha256Of(source), source }
}

/** The manifest of all operations under a folder, by id in order. @throws OperationRefused */
export function manifestOf(sdl: string, files: readonly { path: string; text: string }[]): string {
  const schema = apiSchemaOf(sdl)
  const documents = files.map((file) => documentOf(schema, file))
  const names = new Set(documents.map(({ name }) => name))
  if (names.size < documents.length) throw new OperationRefused('two operations of one name')
  const entries = documents.map(({ id, source }) => [id, source] as const)
  const sorted = entries.toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`
}

function operationFiles() {
  const names = readdirSync(join(root, OPERATIONS)).filter((name) => name.endsWith('.graphql'))
  return names.map((name) => {
    const path = `${OPERATIONS}/${name}`
    return { path, text: readFileSync(join(root, path), 'utf8') }
  })
}

/** Writes what the operations make, or with `--check` only says whether it differs. */
function run(isCheck: boolean): void {
  const sdl = readFileSync(join(root, 'schema/supergraph.graphql'), 'utf8')
  const wanted = manifestOf(sdl, operationFiles())
  const file = join(root, MANIFEST)
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return
  if (!isCheck) {
    writeFileSync(file, wanted)
    return
  }
  process.stderr.write(`${MANIFEST} differs from what its operations make; run \`npm run fix\`.\n`)
  process.exitCode = 1
}

if (import.meta.main) run(process.argv.includes('--check'))

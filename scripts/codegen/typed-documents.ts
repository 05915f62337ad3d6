import { basename } from 'node:path'
import { codegen } from '@graphql-codegen/core'
import * as operationTypes from '@graphql-codegen/typescript-operations'
import { type GraphQLSchema, parse, printSchema } from 'graphql'
import { GENERATED } from './header.ts'
import type { Operation } from './operations.ts'

const CONFIG = {
  scalars: {
    ID: 'string',
    BigInt: 'string',
    DateTime: 'string',
    JSONObject: 'Record<string, unknown>',
  },
  enumsAsTypes: true,
  onlyOperationTypes: true,
  useTypeImports: true,
  // What is selected is typed: `__typename` only where a document asks for it.
  skipTypename: true,
  // A list is a list: what GraphQL would coerce to one is a mistake more often than a wish.
  arrayInputCoercion: false,
}

async function renderTypes(
  schema: GraphQLSchema,
  operations: readonly Operation[],
): Promise<string> {
  const text = await codegen({
    filename: 'documents.ts',
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: operations.map(({ path, document }) => ({ location: path, document })),
    config: CONFIG,
    plugins: [{ operationTypes: {} }],
    pluginMap: { operationTypes },
  })
  return text
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

const suffixOf = ({ kind }: Operation) => kind[0]?.toUpperCase() + kind.slice(1)

/** The name of the type of what an operation answers; that of its variables ends in `Variables`. */
const resultOf = (operation: Operation) => operation.name + suffixOf(operation)

const moduleOf = ({ path }: Operation) => `documents/${basename(path, '.graphql')}.ts`

function renderParsed(operation: Operation): string {
  const { name, document, path } = operation
  const result = resultOf(operation)
  return `${GENERATED}import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import type { ${result}, ${result}Variables } from '../documents.ts'

/** The operation of \`${path}\`. */
export const ${name}Document = ${JSON.stringify(document)} as unknown as TypedDocumentNode<${result}, ${result}Variables>
`
}

/**
 * Types and documents, parsed, of a client that names what it asks by its id: file name → text. Each
 * document is a module of its own, so that a page loads what it asks.
 */
export async function renderParsedDocuments(
  schema: GraphQLSchema,
  operations: readonly Operation[],
): Promise<ReadonlyMap<string, string>> {
  const modules = operations.map((one) => `export * from './${moduleOf(one)}'`)
  const ids = operations.map(({ name, id }) => `  ${name}: '${id}',`)
  const whole = `${GENERATED}${await renderTypes(schema, operations)}

${modules.join('\n')}

/** The id of each operation in the manifest of persisted documents, by its name. */
export const DOCUMENT_IDS: Readonly<Record<string, string>> = {
${ids.join('\n')}
}
`
  return new Map([
    ['documents.ts', whole],
    ...operations.map((one) => [moduleOf(one), renderParsed(one)] as const),
  ])
}

function renderText(operation: Operation): string {
  const { name, source, path } = operation
  const result = resultOf(operation)
  const text = source.replaceAll(/[\\`]|\$\{/g, (one) => `\\${one}`)
  return `/** The operation of \`${path}\`. */
export const ${name}Document = \`${text}\` as TypedText<${result}, ${result}Variables>
`
}

/** Types and documents, as texts, of a client that may be used with or without a manifest. */
export async function renderTextDocuments(
  schema: GraphQLSchema,
  operations: readonly Operation[],
): Promise<string> {
  return `${GENERATED}import type { TypedText } from '../documents.ts'

${await renderTypes(schema, operations)}

${operations.map(renderText).join('\n')}`
}

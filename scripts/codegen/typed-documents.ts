import { codegen } from '@graphql-codegen/core'
import * as documentNodes from '@graphql-codegen/typed-document-node'
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
  documentMode: 'documentNode',
}

const PLUGINS = { operationTypes, documentNodes }

type Plugin = keyof typeof PLUGINS

async function generate(
  schema: GraphQLSchema,
  operations: readonly Operation[],
  plugins: readonly Plugin[],
): Promise<string> {
  const text = await codegen({
    filename: 'documents.ts',
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: operations.map(({ path, document }) => ({ location: path, document })),
    config: CONFIG,
    plugins: plugins.map((name) => ({ [name]: {} })),
    pluginMap: PLUGINS,
  })
  return text.replaceAll(/[ \t]+$/gm, '').replaceAll(/\n{3,}/g, '\n\n')
}

/** Types and documents, parsed, of a client that names what it asks by its id. */
export async function renderParsedDocuments(
  schema: GraphQLSchema,
  operations: readonly Operation[],
): Promise<string> {
  const text = await generate(schema, operations, ['operationTypes', 'documentNodes'])
  const ids = operations.map(({ name, id }) => `  ${name}: '${id}',`)
  return `${GENERATED}${text.trim()}

/** The id of each operation in the manifest of persisted documents, by its name. */
export const DOCUMENT_IDS: Readonly<Record<string, string>> = {
${ids.join('\n')}
}
`
}

const suffixOf = ({ kind }: Operation) => kind[0]?.toUpperCase() + kind.slice(1)

function renderText(operation: Operation): string {
  const { name, source, path } = operation
  const result = name + suffixOf(operation)
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
  const types = await generate(schema, operations, ['operationTypes'])
  return `${GENERATED}import type { TypedText } from '../documents.ts'

${types.trim()}

${operations.map(renderText).join('\n')}`
}

import { gatewayFacts } from '../../../gateway-facts.ts'
import type { WrittenOperation } from '../operations-in.ts'

/** What is copied as code: never the credential, which a program takes from its environment. */
export type Copied = {
  text: string
  operation: WrittenOperation
  variables: Record<string, unknown>
  /** Whether it is asked in somebody's name. */
  isSigned: boolean
}

/** One form of code. */
export type Snippet = { value: string; label: string; write: (copied: Copied) => string }

const VARIABLE = 'DBSBM_API_KEY'

const endpoint = () => new URL(gatewayFacts.endpoint, location.href).href

const inTemplate = (text: string) =>
  text.trim().replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')

const indented = (text: string, by: string) => text.replaceAll('\n', `\n${by}`)

/** A name that is one in TypeScript too, and none of those that the code itself uses. */
function constantOf({ name, kind }: WrittenOperation): string {
  const plain = (name ?? `my_${kind}`).replace(/^(?=\d)/, '_').replace(/[^\w]/g, '')
  return plain.replace(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase()
}

/** As it is written in TypeScript: names without quotes where they need none. */
const literalOf = (variables: Record<string, unknown>) =>
  JSON.stringify(variables, null, 2).replace(/^( *)"([A-Za-z_]\w*)":/gm, '$1$2:')

const hasVariables = ({ variables }: Copied) => Object.keys(variables).length > 0

/** For the platform's own client. */
export function sdkSnippet(copied: Copied): string {
  const { text, operation, variables, isSigned } = copied
  const constant = constantOf(operation)
  const given = hasVariables(copied) ? `, ${literalOf(variables)}` : ''
  const client = [
    'const dbsbm = createDbsbm({',
    `  url: '${endpoint()}',`,
    ...(isSigned ? [`  credentials: { apiKey: process.env.${VARIABLE} ?? '' },`] : []),
    '})',
  ]
  const call =
    operation.kind === 'subscription'
      ? [
          '// Goes on after every cut, from the last event seen.',
          `for await (const { data, cursor } of dbsbm.subscribe(${constant}${given})) {`,
          '  console.log(cursor, data)',
          '}',
        ]
      : [
          `const data = await dbsbm.${operation.kind === 'mutation' ? 'mutate' : 'query'}(${constant}${given})`,
          'console.log(data)',
          'await dbsbm.close()',
        ]
  return [
    '// Needs @dbsbm/sdk, graphql and gql.tada; docs/clients.md tells how they are installed.',
    "import { createDbsbm } from '@dbsbm/sdk'",
    "import { graphql } from '@dbsbm/sdk/graphql'",
    '',
    `const ${constant} = graphql(\``,
    `  ${indented(inTemplate(text), '  ')}`,
    '`)',
    '',
    ...client,
    '',
    ...call,
    '',
  ].join('\n')
}

/** For a shell. */
export function curlSnippet(copied: Copied): string {
  const { text, operation, variables, isSigned } = copied
  const isStream = operation.kind === 'subscription'
  const named = operation.name === null ? {} : { operationName: operation.name }
  const given = hasVariables(copied) ? { variables } : {}
  const body = JSON.stringify({ query: text.trim(), ...given, ...named }, null, 2)
  return [
    `curl ${isStream ? '--no-buffer' : '--silent --show-error'} '${endpoint()}' \\`,
    "  --header 'content-type: application/json' \\",
    ...(isStream ? ["  --header 'accept: text/event-stream' \\"] : []),
    ...(isSigned ? [`  --header "authorization: Bearer \${${VARIABLE}:?is not set}" \\`] : []),
    "  --data-binary @- <<'JSON'",
    body,
    'JSON',
    '',
  ].join('\n')
}

/** For Apollo Client 4. */
export function apolloSnippet(copied: Copied): string {
  const { text, operation, variables, isSigned } = copied
  const constant = constantOf(operation)
  const given = hasVariables(copied)
    ? [`  variables: ${indented(literalOf(variables), '  ')},`]
    : []
  const named = operation.kind === 'mutation' ? 'mutation' : 'query'
  const options = [`  ${named}: ${constant},`, ...given]
  const call =
    operation.kind === 'subscription'
      ? [
          '// Multipart HTTP: HttpLink speaks it by itself.',
          'client',
          '  .subscribe({',
          ...options.map((line) => `  ${indented(line, '  ')}`),
          '  })',
          '  .subscribe({ next: ({ data }) => console.log(data), error: console.error })',
        ]
      : [
          `const { data } = await client.${operation.kind === 'mutation' ? 'mutate' : 'query'}({`,
          ...options,
          '})',
          'console.log(data)',
        ]
  const headers = isSigned
    ? [`    headers: { authorization: \`Bearer \${process.env.${VARIABLE}}\` },`]
    : []
  return [
    "import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'",
    '',
    `const ${constant} = gql\``,
    `  ${indented(inTemplate(text), '  ')}`,
    '`',
    '',
    'const client = new ApolloClient({',
    '  link: new HttpLink({',
    `    uri: '${endpoint()}',`,
    ...headers,
    '  }),',
    '  cache: new InMemoryCache(),',
    '})',
    '',
    ...call,
    '',
  ].join('\n')
}

/** The platform's own client knows its schema, and no other. */
const OWN_SNIPPETS = [{ value: 'sdk', label: 'SDK (TypeScript)', write: sdkSnippet }]

/** All that an operation can be copied as. */
export const SNIPPETS: readonly Snippet[] = [
  ...(gatewayFacts.hasPlatform ? OWN_SNIPPETS : []),
  { value: 'curl', label: 'curl', write: curlSnippet },
  { value: 'apollo', label: 'Apollo Client', write: apolloSnippet },
]

import { composeServices } from '@apollo/composition'
import { LocalGraphQLDataSource } from '@apollo/gateway'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from 'graphql'
import type { AccessEnforcer } from '#gateway/access/enforcer.ts'
import type { FetchSubgraph, SubgraphAnswer } from '#gateway/engine/execute-plan.ts'
import { loadSupergraph } from '#gateway/engine/load-supergraph.ts'
import type { ExecutorName } from '#gateway/engine/operation-executor.ts'
import type { StreamSubgraph } from '#gateway/engine/subscribe.ts'
import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createLog } from '#kernel/log.ts'
import { patientPlanning, plannerProcesses } from '../../kit/planner-processes.ts'

export const FEDERATION = 'https://specs.apollo.dev/federation/v2.9'

export const LINK = `
  extend schema @link(url: "${FEDERATION}", import: [
    "@key", "@shareable", "@external", "@requires", "@provides", "@authenticated",
    "@requiresScopes", "@policy", "@composeDirective", "@interfaceObject", "@override"
  ])
`

/** With every directive of Federation 2.9, and what `extra` links besides. */
export const linkAll = (...extra: readonly string[]) => `
  extend schema @link(url: "${FEDERATION}", import: [
    "@key", "@shareable", "@external", "@requires", "@provides", "@authenticated",
    "@requiresScopes", "@policy", "@composeDirective", "@interfaceObject", "@override",
    "@inaccessible", "@tag", "@context", "@fromContext", "@cost", "@listSize"
  ]) ${extra.join(' ')}
`

export type SubgraphSource = {
  sdl: string
  resolvers?: Parameters<typeof buildSubgraphSchema>[0] extends infer Modules
    ? Modules extends { resolvers?: infer Resolvers }
      ? Resolvers
      : never
    : never
}

export type Call = { subgraph: string; query: string; variables: Record<string, unknown> }

export const silentLog = createLog({ level: 'silent', name: 'test' })

/** Composes subgraphs; throws what composition says against them. */
export function composeSdl(subgraphs: Record<string, SubgraphSource>): string {
  const composed = composeServices(
    Object.entries(subgraphs).map(([name, { sdl }]) => ({
      name,
      url: `http://${name}`,
      typeDefs: parse(sdl),
    })),
  )
  if (composed.errors) throw new AggregateError(composed.errors, composed.errors.join('\n'))
  return composed.supergraphSdl
}

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

/** Subgraphs that execute in this process, composed, with a record of what they were asked. */
export function federatedWorld(
  subgraphs: Record<string, SubgraphSource>,
  edit: (sdl: string) => string = (sdl) => sdl,
) {
  const sdl = edit(composeSdl(subgraphs))
  const schemas = new Map<string, GraphQLSchema>(
    Object.entries(subgraphs).map(([name, { sdl: typeDefs, resolvers }]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(typeDefs), ...(resolvers ? { resolvers } : {}) }]),
    ]),
  )
  const calls: Call[] = []
  const schemaOf = (name: string) => {
    const schema = schemas.get(name)
    if (!schema) throw new Error(`no subgraph ${name}`)
    return schema
  }
  const fetchSubgraph: FetchSubgraph = async (subgraph, { query, variables }) => {
    calls.push({ subgraph, query, variables })
    const schema = schemaOf(subgraph)
    const document = parse(query)
    const invalid = validate(schema, document)
    if (invalid.length > 0) return { errors: invalid.map((error) => error.toJSON()) }
    return plain(await execute({ schema, document, variableValues: variables })) as SubgraphAnswer
  }
  const streamSubgraph: StreamSubgraph = async function* (subgraph, request, signal) {
    calls.push({ subgraph, query: request.query, variables: request.variables })
    const stream = await subscribe({
      schema: schemaOf(subgraph),
      document: parse(request.query),
      variableValues: request.variables,
    })
    if (!(Symbol.asyncIterator in stream)) {
      yield plain(stream) as SubgraphAnswer
      return
    }
    signal.addEventListener('abort', () => void stream.return(undefined), { once: true })
    for await (const event of stream) yield plain(event) as SubgraphAnswer
  }
  const buildDataSource = ({ name }: { name: string }) => {
    const source = new LocalGraphQLDataSource(schemaOf(name))
    const process = source.process.bind(source)
    source.process = (options) => {
      const { query = '', variables = {} } = options.request
      calls.push({ subgraph: name, query, variables })
      return process(options)
    }
    return source
  }
  return { sdl, calls, fetchSubgraph, streamSubgraph, buildDataSource }
}

export type World = ReturnType<typeof federatedWorld>

type LoadWorldOptions = { enforcer?: AccessEnforcer | null; executor?: ExecutorName }

/** The supergraph of a world, and what its executor is given to reach that world. */
export async function loadWorld(
  world: World,
  { enforcer = { policies: {} }, executor }: LoadWorldOptions = {},
) {
  const { buildDataSource, fetchSubgraph } = world
  const loaded = await loadSupergraph(world.sdl, {
    ...{ buildDataSource, enforcer, executor, log: silentLog },
    ...{ processes: plannerProcesses, planning: patientPlanning },
  })
  // Planning goes on: a process is then taken for as long as something is planned.
  await loaded.dispose()
  const reached = {
    ...{ fetchSubgraph, report: () => undefined, context: {} },
    signal: new AbortController().signal,
  }
  return { ...loaded, reached }
}

export type Loaded = Awaited<ReturnType<typeof loadWorld>>

/** A signed-in viewer with scopes. */
export function viewerWith(...scopes: string[]): Viewer {
  return { ...anonymousViewer('request-1'), kind: 'user', userId: '1', scopes }
}

export const anonymous = anonymousViewer('request-1')

export function operationOf(text: string, operationName?: string) {
  return { text, document: parse(text) as DocumentNode, operationName }
}

/** Asks as a viewer would, through filter, executor and shaping. */
export async function ask(
  loaded: Loaded,
  question: { query: string; viewer?: Viewer; variables?: Record<string, unknown> },
): Promise<ExecutionResult> {
  const { query, viewer = anonymous, variables = {} } = question
  const operation = operationOf(query)
  const invalid = validate(loaded.apiSchema, operation.document)
  if (invalid.length > 0) throw new AggregateError(invalid, invalid.join('\n'))
  const granted = await loaded.policiesFor(operation, viewer)
  const filtered = loaded.authorise(operation, viewer, granted)
  const result = await loaded.executor(filtered, { variables, ...loaded.reached })
  return plain(result)
}

import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  parse,
} from 'graphql'
import type { FilteredOperation } from '#gateway/access/filter-operation.ts'
import type { SubgraphAnswer } from '#gateway/engine/execute-plan.ts'
import type { IncrementalExecutor } from '#gateway/engine/incremental/incremental-executor.ts'
import type { DeliveryFormat } from '#gateway/engine/incremental/incremental-result.ts'
import { loadSupergraph } from '#gateway/engine/load-supergraph.ts'
import type { ExecutorName } from '#gateway/engine/operation-executor.ts'
import { createPlannerProcesses } from '#gateway/engine/planning/planner-processes.ts'
import { defaultSettings } from '#gateway/settings.ts'
import { isDomainError } from '#kernel/errors.ts'
import { composeSdl, silentLog } from '../federated-world.ts'
import { createFollowers } from '../follow.ts'
import { canonicalJson } from './chance.ts'
import type { Faults } from './faults.ts'
import type { Federation } from './federation.ts'
import { readFieldFacts } from './field-facts.ts'
import { createHashedValues, type HashedValues } from './hashed-values.ts'
import type { RandomOperation } from './random-operation.ts'
import { createRightsOracle } from './rights-oracle.ts'
import {
  createSubgraphAnswers,
  eventsOf,
  type Resolver,
  resolverOfAll,
  subgraphSchema,
  typeResolver,
} from './subgraph-answers.ts'

type Json = Record<string, unknown>

export type Loaded = Awaited<ReturnType<typeof loadSupergraph>>

/** What came of an operation, an answer for each event, and what was asked of subgraphs for it. */
export type Outcome = {
  answers: readonly ExecutionResult[]
  /** Each question as a text; equal questions are equal texts. */
  asked: readonly string[]
}

export type Question = {
  operation: RandomOperation
  filtered: FilteredOperation
  faults: Faults | null
}

/** A federation, ready to be asked in every way. */
export type Laboratory = {
  federation: Federation
  sdl: string
  loaded: Loaded
  /** Scopes and policies that its rules name. */
  named: { scopes: readonly string[]; policies: readonly string[] }
  oracle: ReturnType<typeof createRightsOracle>
  ours: (question: Question) => Promise<Outcome>
  /** An answer of ours in parts. */
  inParts: (question: Question, format: DeliveryFormat) => ReturnType<IncrementalExecutor>
  /** Null where Apollo's executor cannot go. */
  apollos: ((question: Question) => Promise<Outcome>) | null
  /** graphql-js alone, over one schema that has everything. */
  alone: (asked: {
    document: DocumentNode
    operation: RandomOperation
    wrap?: (resolve: Resolver) => Resolver
  }) => Promise<readonly ExecutionResult[]>
  dispose: () => Promise<void>
}

const processes = createPlannerProcesses()

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value
const { signal } = new AbortController()
const report = () => undefined

/** Equal representations are one, whoever asks for them, how often and in what order. */
function textOf(subgraph: string, query: string, variables: Json): string {
  const { representations, ...others } = variables
  const told = Array.isArray(representations)
    ? [...new Set(representations.map(canonicalJson))].toSorted()
    : []
  return `${subgraph} ${query} ${canonicalJson(others)} [${told.join()}]`
}

/** What one operation asks of subgraphs, and how they answer it. */
type Line = {
  asked: string[]
  ask: (subgraph: string, query: string, variables: Json) => SubgraphAnswer
  stream: (subgraph: string, query: string, variables: Json) => AsyncGenerator<SubgraphAnswer>
}

/** Subgraphs that tell of the world, with what faults do to it. */
function createSubgraphs({ subgraphs }: Federation, values: () => HashedValues) {
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, sdl]) => [name, subgraphSchema(sdl)]),
  )
  const answers = createSubgraphAnswers(schemas, values)
  const coerced = (subgraph: string, query: string, given: Json): Json => {
    const schema = schemas.get(subgraph)
    const definitions = answers.documentOf(subgraph, query).definitions
    const operation = definitions.find((node) => node.kind === 'OperationDefinition')
    if (!schema || !operation) throw new Error(`${subgraph} was asked nothing`)
    return getVariableValues(schema, operation.variableDefinitions ?? [], given).coerced ?? given
  }
  const lineFor = (faults: Faults | null): Line => {
    const asked: string[] = []
    const answered = (answer: Json, question: string, variables: Json) =>
      (faults ? faults.inflict({ answer, question, variables }) : answer) as SubgraphAnswer
    return {
      asked,
      ask: (subgraph, query, given) => {
        const variables = coerced(subgraph, query, given)
        const question = textOf(subgraph, query, variables)
        asked.push(question)
        return answered(answers.answer(subgraph, query, given), question, variables)
      },
      stream: async function* (subgraph, query, given) {
        const variables = coerced(subgraph, query, given)
        const question = textOf(subgraph, query, variables)
        asked.push(question)
        for (const [index, event] of (await answers.events(subgraph, query, given)).entries())
          yield answered(event, `${question} ${index}`, variables)
      },
    }
  }
  return { schemas, lineFor }
}

/** The data sources of Apollo's executor find the line of their operation in its context. */
async function load(federation: Federation, sdl: string, executor: ExecutorName): Promise<Loaded> {
  return loadSupergraph(sdl, {
    buildDataSource: ({ name }) => ({
      process: async ({ request, context }) => {
        const { line } = context as unknown as { line: Line }
        // A data source may answer with less than its type says, as a subgraph may.
        return line.ask(name, request.query ?? '', { ...request.variables }) as never
      },
    }),
    enforcer: { policies: federation.policies ?? {} },
    executor,
    log: silentLog,
    // What takes longer explodes; there is room for it until it is ended.
    planning: { ...defaultSettings.planning, deadlineMs: 4_000, planCharacters: 4_000_000 },
    processes,
  })
}

async function executed(loaded: Loaded, { operation, filtered }: Question, line: Line) {
  const answer = await loaded.executor(filtered, {
    variables: operation.variables,
    fetchSubgraph: async (subgraph, { query, variables }) => line.ask(subgraph, query, variables),
    context: { line },
    report,
    signal,
  })
  return plain(answer)
}

async function inParts(
  { deliver }: Loaded,
  { operation, filtered }: Question,
  { line, format }: { line: Line; format: DeliveryFormat },
) {
  if (!deliver) throw new Error('no executor for parts')
  const answering = deliver(filtered, {
    variables: operation.variables,
    fetchSubgraph: async (subgraph, { query, variables }) => line.ask(subgraph, query, variables),
    context: {},
    format,
    report,
    signal,
  })
  return answering.catch(refusedOf)
}

async function subscribed(supergraph: Loaded, { operation, filtered }: Question, line: Line) {
  const events = await createFollowers(supergraph).follow({
    operation: filtered,
    variables: operation.variables,
    fetchSubgraph: async (subgraph, { query, variables }) => line.ask(subgraph, query, variables),
    streamSubgraph: (subgraph, { query, variables }) => line.stream(subgraph, query, variables),
    report,
  })
  const answers: ExecutionResult[] = []
  for await (const event of events) answers.push(plain(event))
  return answers
}

async function aloneIn(
  schema: GraphQLSchema,
  fieldResolver: Resolver,
  { document, operation }: { document: DocumentNode; operation: RandomOperation },
) {
  const { operationName, variables } = operation
  if (operation.kind === 'subscription')
    return eventsOf({ schema, document, variables, operationName }, fieldResolver)
  const answer = await execute({
    ...{ schema, document, operationName, fieldResolver, typeResolver },
    variableValues: variables,
  })
  return [plain(answer)]
}

/** What planning refuses is an answer too. */
async function refusedOf(failure: unknown): Promise<ExecutionResult> {
  if (!isDomainError(failure)) throw failure
  const { message, extensions } = failure
  return { data: null, errors: [new GraphQLError(message, { extensions })] }
}

/** Apollo's executor may fail altogether over an answer of a wrong shape. */
function survivingOf(ask: (question: Question) => Promise<Outcome>) {
  return async (question: Question): Promise<Outcome> => {
    try {
      return await ask(question)
    } catch (failure) {
      return {
        answers: [{ data: null, errors: [new GraphQLError(`thrown: ${String(failure)}`)] }],
        asked: [],
      }
    }
  }
}

function namedIn({ rules }: Loaded): Laboratory['named'] {
  const named = (stage: string) => [
    ...new Set(rules.requirements.flatMap((one) => (one.stage === stage ? one.anyOf.flat() : []))),
  ]
  return { scopes: named('scopes'), policies: named('policies') }
}

/** Composes a federation and loads it for each executor. */
export async function createLaboratory(federation: Federation): Promise<Laboratory> {
  const sources = Object.entries(federation.subgraphs).map(([name, sdl]) => [name, { sdl }])
  const sdl = composeSdl(Object.fromEntries(sources))
  const loaded = await load(federation, sdl, 'engine')
  const apollo = federation.isForApollo ? await load(federation, sdl, 'apollo') : null
  const { schemas, lineFor } = createSubgraphs(federation, () => values)
  const values = createHashedValues(readFieldFacts(schemas, loaded.executionSchema))
  const ask = (by: Loaded) => async (question: Question) => {
    const line = lineFor(question.faults)
    const answers: readonly ExecutionResult[] =
      question.operation.kind === 'subscription'
        ? await subscribed(by, question, line)
        : [await executed(by, question, line).catch(refusedOf)]
    return { answers, asked: line.asked }
  }
  return {
    federation,
    sdl,
    loaded,
    named: namedIn(loaded),
    oracle: createRightsOracle(loaded.apiSchema, sdl),
    ours: ask(loaded),
    inParts: (question, format) => inParts(loaded, question, { line: lineFor(null), format }),
    apollos: apollo && survivingOf(ask(apollo)),
    alone: ({ document, operation, wrap = (resolve) => resolve }) =>
      aloneIn(loaded.apiSchema, wrap(resolverOfAll(values)), { document, operation }),
    dispose: async () => {
      await loaded.dispose()
      await apollo?.dispose()
    },
  }
}

/** What a client sent, as a gateway reads it. */
export const documentOf = ({ text }: RandomOperation): DocumentNode =>
  parse(text, { noLocation: true })

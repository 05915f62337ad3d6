import type { GraphQLDataSource } from '@apollo/gateway'
import { GraphQLError } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createApolloExecutor } from '#gateway/engine/apollo-executor.ts'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import { loadSupergraph } from '#gateway/engine/load-supergraph.ts'
import type { ExecutorName } from '#gateway/engine/operation-executor.ts'
import { gatewayError } from '#gateway/errors.ts'
import { patientPlanning, plannerProcesses } from '../../kit/planner-processes.ts'
import { ask, composeSdl, federatedWorld, LINK, loadWorld, silentLog } from './federated-world.ts'
import { market } from './market.ts'

const sdl = composeSdl({
  shop: {
    sdl: `${LINK}
      type Query { book: Book  secret: String @authenticated }
      type Book { title: String! pages: Int }`,
  },
})

const load = (process: GraphQLDataSource['process'], executor?: ExecutorName) =>
  loadSupergraph(sdl, {
    buildDataSource: () => ({ process }),
    ...{ enforcer: { policies: {} }, executor, log: silentLog },
    ...{ processes: plannerProcesses, planning: patientPlanning },
  })

/** Apollo's executor asks data sources, ours the subgraphs; both are given the same manners. */
async function loadWith(fetchSubgraph: FetchSubgraph, executor: ExecutorName) {
  const process = fetchSubgraph as unknown as GraphQLDataSource['process']
  const reached = {
    ...{ fetchSubgraph, report: () => undefined, context: {} },
    signal: new AbortController().signal,
  }
  const loaded = await load(process, executor)
  // Planning goes on: a process is then taken for as long as something is planned.
  await loaded.dispose()
  return { ...loaded, reached }
}

const QUERIES = ['{ book { title } }', '{ book { title } secret }']
const EXECUTORS: readonly ExecutorName[] = ['engine', 'apollo']
const CASES = QUERIES.flatMap((query) => EXECUTORS.map((executor) => ({ query, executor })))
const codes = (errors: readonly { extensions?: object }[] | undefined) =>
  errors?.map(({ extensions }) => (extensions as { code?: string } | undefined)?.code)

describe.each(CASES)(
  'what a subgraph does wrong is told with a code: $query, $executor',
  ({ query, executor }) => {
    const refused = query.includes('secret') ? ['UNAUTHORIZED_FIELD_OR_TYPE'] : []

    test('a coded failure keeps its code and its sentence', async () => {
      const loaded = await loadWith(
        () => Promise.reject(gatewayError('SUBGRAPH_TIMEOUT', { subgraph: 'shop' })),
        executor,
      )
      const { data, errors } = await ask(loaded, { query })
      expect(data).toMatchObject({ book: null })
      expect(codes(errors)).toEqual(['SUBGRAPH_TIMEOUT', ...refused])
      expect(errors?.[0]?.message).toBe(gatewayError.catalogue.SUBGRAPH_TIMEOUT)
    })

    test('a failure without a code is masked', async () => {
      const loaded = await loadWith(() => Promise.reject(new Error('connect 10.0.0.7')), executor)
      const { errors } = await ask(loaded, { query })
      expect(codes(errors)).toEqual(['SUBGRAPH_UNREACHABLE', ...refused])
      expect(JSON.stringify(errors)).not.toContain('10.0.0.7')
    })

    test('an error of the subgraph keeps its code, place and origin', async () => {
      const error = { message: 'no book', path: ['book'], extensions: { code: 'BOOK_GONE' } }
      const loaded = await loadWith(
        async () => ({ data: { book: null }, errors: [error] }),
        executor,
      )
      const { errors } = await ask(loaded, { query })
      expect(errors?.[0]).toEqual({
        ...error,
        extensions: { code: 'BOOK_GONE', serviceName: 'shop' },
      })
    })

    test('a value that may not be null is told, with the data that is left', async () => {
      const loaded = await loadWith(async () => ({ data: { book: { title: null } } }), executor)
      const { data, errors } = await ask(loaded, { query })
      expect(data).toMatchObject({ book: null })
      expect(codes(errors)).toContain('SUBGRAPH_VALUE_INVALID')
      expect(errors).toHaveLength(1 + refused.length)
    })
  },
)

test.each(EXECUTORS)(
  'wrong variables are refused before anything is fetched: %s',
  async (executor) => {
    const loaded = await loadWith(
      () => Promise.reject(new Error('nothing may be fetched')),
      executor,
    )
    const query = 'query ($with: Boolean!) { book { title @include(if: $with) } }'
    const { data, errors } = await ask(loaded, { query, variables: { with: 'yes' } })
    expect(data).toBeUndefined()
    expect(errors?.[0]?.message).toContain('$with')
  },
)

test.each(EXECUTORS)(
  'questions about the schema beside others change nothing of them: %s',
  async (executor) => {
    const world = federatedWorld(market)
    const loaded = await loadWorld(world, { executor })
    const query =
      '{ __schema { queryType { name } } top { kind: __typename ... on Film { minutes } } }'
    const { data, errors } = await ask(loaded, { query })
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data)).toBe(
      '{"__schema":{"queryType":{"name":"Query"}},"top":{"kind":"Film","minutes":90}}',
    )
  },
)

test('what the planner says of a valid operation is not passed on', async () => {
  const loaded = await loadWith(async () => ({ data: { book: { title: 'A' } } }), 'apollo')
  const refusal = new GraphQLError('Cannot query', { extensions: { code: 'INVALID_GRAPHQL' } })
  for (const execute of [async () => ({ errors: [refusal] }), () => Promise.reject(refusal)]) {
    const executor = createApolloExecutor({ schema: loaded.apiSchema, execute, log: silentLog })
    const { errors } = await ask({ ...loaded, executor }, { query: '{ book { title } }' })
    expect(codes(errors)).toEqual(['OPERATION_NOT_PLANNABLE'])
  }
})

import type { GraphQLDataSource } from '@apollo/gateway'
import { GraphQLError } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createApolloExecutor } from '#gateway/engine/apollo-executor.ts'
import { loadSupergraph } from '#gateway/engine/load-supergraph.ts'
import { gatewayError } from '#gateway/errors.ts'
import { ask, composeSdl, LINK, silentLog } from './federated-world.ts'

const sdl = composeSdl({
  shop: {
    sdl: `${LINK}
      type Query { book: Book  secret: String @authenticated }
      type Book { title: String! pages: Int }`,
  },
})

function loadWith(process: GraphQLDataSource['process']) {
  return loadSupergraph(sdl, {
    buildDataSource: () => ({ process }),
    enforcer: { policies: {} },
    log: silentLog,
  })
}

const QUERIES = ['{ book { title } }', '{ book { title } secret }']
const codes = (errors: readonly { extensions?: object }[] | undefined) =>
  errors?.map(({ extensions }) => (extensions as { code?: string } | undefined)?.code)

describe.each(QUERIES)('what a data source does wrong is told with a code: %s', (query) => {
  const refused = query.includes('secret') ? ['UNAUTHORIZED_FIELD_OR_TYPE'] : []

  test('a coded failure keeps its code and its sentence', async () => {
    const loaded = await loadWith(() =>
      Promise.reject(gatewayError('SUBGRAPH_TIMEOUT', { subgraph: 'shop' })),
    )
    const { data, errors } = await ask(loaded, { query })
    expect(data).toMatchObject({ book: null })
    expect(codes(errors)).toEqual(['SUBGRAPH_TIMEOUT', ...refused])
    expect(errors?.[0]?.message).toBe(gatewayError.catalogue.SUBGRAPH_TIMEOUT)
  })

  test('a failure without a code is masked', async () => {
    const loaded = await loadWith(() => Promise.reject(new Error('connect 10.0.0.7')))
    const { errors } = await ask(loaded, { query })
    expect(codes(errors)).toEqual(['SUBGRAPH_UNREACHABLE', ...refused])
    expect(JSON.stringify(errors)).not.toContain('10.0.0.7')
  })

  test('an error of the subgraph keeps its code, place and origin', async () => {
    const error = { message: 'no book', path: ['book'], extensions: { code: 'BOOK_GONE' } }
    const loaded = await loadWith(async () => ({ data: { book: null }, errors: [error] }))
    const { errors } = await ask(loaded, { query })
    expect(errors?.[0]).toEqual({
      ...error,
      extensions: { code: 'BOOK_GONE', serviceName: 'shop' },
    })
  })

  test('a value that may not be null is told, with the data that is left', async () => {
    const loaded = await loadWith(async () => ({ data: { book: { title: null } } }))
    const { data, errors } = await ask(loaded, { query })
    expect(data).toMatchObject({ book: null })
    expect(codes(errors)).toContain('SUBGRAPH_VALUE_INVALID')
    expect(errors).toHaveLength(1 + refused.length)
  })
})

test('wrong variables are refused before anything is fetched', async () => {
  const loaded = await loadWith(() => Promise.reject(new Error('nothing may be fetched')))
  const query = 'query ($with: Boolean!) { book { title @include(if: $with) } }'
  const { data, errors } = await ask(loaded, { query, variables: { with: 'yes' } })
  expect(data).toBeUndefined()
  expect(errors?.[0]?.message).toContain('$with')
})

test('what the planner says of a valid operation is not passed on', async () => {
  const loaded = await loadWith(async () => ({ data: { book: { title: 'A' } } }))
  const refusal = new GraphQLError('Cannot query', { extensions: { code: 'INVALID_GRAPHQL' } })
  for (const execute of [async () => ({ errors: [refusal] }), () => Promise.reject(refusal)]) {
    const executor = createApolloExecutor({ schema: loaded.apiSchema, execute, log: silentLog })
    const { errors } = await ask({ ...loaded, executor }, { query: '{ book { title } }' })
    expect(codes(errors)).toEqual(['OPERATION_NOT_PLANNABLE'])
  }
})

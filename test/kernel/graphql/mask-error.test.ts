import { buildSchema, GraphQLError, GraphQLInt, getVariableValues, parse } from 'graphql'
import { expect, test } from 'vitest'
import { maskError } from '#kernel/graphql/mask-error.ts'
import { BigIntScalar, DateTimeScalar } from '#kernel/graphql/scalars.ts'
import { createLog } from '#kernel/log.ts'

function listeningLog() {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return { lines, log: createLog({ level: 'error', name: 'test', destination }) }
}

/** What GraphQL complains of when variables of these types are given these values. */
function complaintsOf(values: Record<string, unknown>): readonly GraphQLError[] {
  const schema = buildSchema('scalar BigInt scalar DateTime type Query { a: Int }')
  Object.assign(schema.getTypeMap(), {
    BigInt: BigIntScalar,
    DateTime: DateTimeScalar,
    Int: GraphQLInt,
  })
  const document = parse('query ($amount: BigInt, $at: DateTime) { a }')
  const [operation] = document.definitions
  if (operation?.kind !== 'OperationDefinition') throw new Error('an operation was expected')
  return getVariableValues(schema, operation.variableDefinitions ?? [], values).errors ?? []
}

test.each([
  [{ amount: '5.00' }],
  [{ amount: 5.5 }],
  [{ amount: '9'.repeat(24) }],
  [{ at: 'tomorrow' }],
])(
  'the variable %j answers BAD_USER_INPUT with what the scalar says, and nothing is logged',
  (values) => {
    const { log, lines } = listeningLog()
    const [complaint] = complaintsOf(values)
    const masked = maskError(complaint, log)
    expect(masked.extensions.code).toBe('BAD_USER_INPUT')
    expect(masked.message).toMatch(/BigInt is a whole number|DateTime is ISO 8601/)
    expect(lines).toEqual([])
  },
)

test('what a resolver throws stays behind a sentence, and is logged', () => {
  const { log, lines } = listeningLog()
  const bug = new GraphQLError('wrapped', { path: ['a'], originalError: new Error('secret') })
  expect(maskError(bug, log).extensions.code).toBe('INTERNAL_SERVER_ERROR')
  expect(lines.join()).toContain('secret')
})

import fc from 'fast-check'
import { graphql, parseValue } from 'graphql'
import { expect, test } from 'vitest'
import { createBuilder, type RequestContext, toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { BigIntScalar, DateTimeScalar, JsonObjectScalar } from '#kernel/graphql/scalars.ts'
import { anonymous, contextOf } from './kit.ts'

function createListSchema(heard: (args: unknown) => void) {
  const builder = createBuilder<RequestContext>()
  const where = createWhereInput(builder, 'BetWhere', { code: 'String', stake: 'BigInt' })
  const orderBy = createOrderInput(builder, 'BetOrder', { CODE: 'code', STAKE: 'stake' })
  builder.queryField('bets', (t) =>
    t.int({
      description: 'How many.',
      auth: { public: true },
      args: { where: t.arg({ type: where }), orderBy: t.arg({ type: [orderBy] }) },
      resolve: (_root, args) => {
        heard({ where: args.where, order: toPageOrder(args.orderBy, [['code', 'asc']]) })
        return 0
      },
    }),
  )
  return toSubgraphSchema(builder)
}

async function hear(source: string) {
  let heard: unknown
  const schema = createListSchema((args) => {
    heard = args
  })
  const result = await graphql({ schema, source, contextValue: contextOf(anonymous) })
  return {
    heard: JSON.parse(
      JSON.stringify(heard ?? null, (_, value) =>
        typeof value === 'bigint' ? `${value}n` : value,
      ),
    ),
    errors: result.errors,
  }
}

test('where and orderBy arrive typed, with their own order when none is given', async () => {
  const { heard } = await hear(
    '{ bets(where: { code: { contains: "a" }, or: [{ stake: { gt: "9007199254740993" } }] }) }',
  )
  expect(heard).toEqual({
    where: { code: { contains: 'a' }, or: [{ stake: { gt: '9007199254740993n' } }] },
    order: [['code', 'asc']],
  })
})

test('orderBy takes three fields at most, each once', async () => {
  const ordered = await hear('{ bets(orderBy: [{ field: STAKE, direction: DESC }]) }')
  expect(ordered.heard.order).toEqual([['stake', 'desc']])
  const twice = await hear(
    '{ bets(orderBy: [{ field: CODE, direction: ASC }, { field: CODE, direction: DESC }]) }',
  )
  expect(twice.errors?.[0]?.originalError).toMatchObject({ code: 'ORDER_TOO_LONG' })
})

test('a property that is not offered is GraphQL’s own refusal', async () => {
  const { errors } = await hear('{ bets(where: { password: { eq: "x" } }) }')
  expect(errors?.[0]?.message).toContain('"password" is not defined by type "BetWhere"')
})

test('a DateTime keeps its millisecond and refuses what has no zone', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        expect(DateTimeScalar.parseValue(DateTimeScalar.serialize(date))).toEqual(date)
      },
    ),
  )
  for (const value of ['2026-01-01', '2026-01-01T10:00:00', 'now', 0, '2026-13-01T00:00:00Z']) {
    expect(() => DateTimeScalar.parseValue(value)).toThrow(/ISO 8601/)
  }
})

test('a BigInt is exact to 64 bits and refuses anything else', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n), (value) => {
      expect(BigIntScalar.parseValue(BigIntScalar.serialize(value))).toBe(value)
    }),
  )
  for (const value of [1.5, '1.5', '9223372036854775808', 'x', 2 ** 60]) {
    expect(() => BigIntScalar.parseValue(value)).toThrow(/64 bits/)
  }
})

test('a JSONObject is bounded in depth and size and is an object', () => {
  expect(JsonObjectScalar.parseValue({ a: [1, 'x', null] })).toEqual({ a: [1, 'x', null] })
  const deep = JSON.parse(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`)
  for (const value of [[], 'x', deep, { a: 'x'.repeat(64_001) }]) {
    expect(() => JsonObjectScalar.parseValue(value)).toThrow(/JSONObject/)
  }
  expect(JsonObjectScalar.parseLiteral(parseValue('{ b: [1, true, "x"] }'), {})).toEqual({
    b: [1, true, 'x'],
  })
})

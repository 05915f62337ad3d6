import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/

function parseInstant(value: unknown): Date {
  const instant = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : null
  if (!instant || Number.isNaN(instant.getTime())) {
    throw new GraphQLError('A DateTime is ISO 8601 with a zone, such as 2026-08-15T14:00:00.000Z.')
  }
  return instant
}

/** A point in time, printed in UTC with milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A point in time: ISO 8601, UTC, milliseconds (2026-08-15T14:00:00.000Z).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString()
    return parseInstant(value).toISOString()
  },
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : null),
})

const LARGEST = 2n ** 63n - 1n

function parseBigInt(value: unknown): bigint {
  const isWhole =
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isSafeInteger(value)) ||
    (typeof value === 'string' && /^-?\d{1,19}$/.test(value))
  const number = isWhole ? BigInt(value as string | number | bigint) : null
  if (number === null || number > LARGEST || number < -LARGEST) {
    throw new GraphQLError('A BigInt is a whole number of 64 bits, written as text.')
  }
  return number
}

/** A 64-bit whole number, printed as text because JSON numbers are exact only to 2^53. */
export const BigIntScalar = new GraphQLScalarType<bigint, string>({
  name: 'BigInt',
  description: 'A whole number of 64 bits, written as text.',
  serialize: (value) => parseBigInt(value).toString(),
  parseValue: parseBigInt,
  parseLiteral: (node) =>
    parseBigInt(node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : null),
})

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

const LARGEST_JSON = 64_000
const DEEPEST_JSON = 10

function checkJson(value: unknown, depth: number): value is Json {
  if (depth > DEEPEST_JSON) return false
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((item) => checkJson(item, depth + 1))
  if (typeof value !== 'object') return false
  return Object.values(value).every((item) => checkJson(item, depth + 1))
}

function parseJsonObject(value: unknown): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject || !checkJson(value, 1) || JSON.stringify(value).length > LARGEST_JSON) {
    throw new GraphQLError('A JSONObject is an object of at most 64 kB and ten levels.')
  }
  return value as JsonObject
}

function literalToJson(node: ValueNode, variables: Record<string, unknown>): Json {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      return node.values.map((item) => literalToJson(item, variables))
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, literalToJson(field.value, variables)]),
      )
    case Kind.VARIABLE:
      return (variables[node.name.value] ?? null) as Json
    default:
      return node.value
  }
}

/** A bounded JSON object. */
export const JsonObjectScalar = new GraphQLScalarType<JsonObject, JsonObject>({
  name: 'JSONObject',
  description: 'A JSON object of at most 64 kB and ten levels.',
  serialize: (value) => value as JsonObject,
  parseValue: parseJsonObject,
  parseLiteral: (node, variables) => parseJsonObject(literalToJson(node, variables ?? {})),
})

import { isRecord } from '../transport/answer.ts'
import { amountFor, type Variables } from './amount.ts'
import type { AnswerCost, AnswerField } from './fetch-cost.ts'

/** What an answer of a subgraph cost: by the objects that are in it, not by those that might have been. */
export function costOfAnswer(
  { base, fields }: AnswerCost,
  data: Readonly<Record<string, unknown>> | null | undefined,
  variables: Variables,
): number {
  return data ? base + costOfObject(fields, data, variables) : base
}

function costOfObject(
  fields: readonly AnswerField[],
  object: Readonly<Record<string, unknown>>,
  variables: Variables,
): number {
  let sum = 0
  for (const field of fields) {
    const value = object[field.key]
    // What a fragment asks of other types, or what was skipped, is not there.
    if (value === undefined) continue
    sum += costOfValue(field, value, variables)
    sum += field.once === 0 ? 0 : amountFor(field.once, variables)
  }
  return sum
}

function costOfValue(field: AnswerField, value: unknown, variables: Variables): number {
  if (Array.isArray(value)) {
    let sum = 0
    for (const item of value) sum += costOfValue(field, item, variables)
    return sum
  }
  if (!isRecord(value)) return field.scalarWeight
  if (field.fields.length === 0) return field.objectWeight
  return field.objectWeight + costOfObject(field.fields, value, variables)
}

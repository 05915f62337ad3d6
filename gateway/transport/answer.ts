import type { WholeAnswer } from '#kernel/service/exchange.ts'
import { gatewayError } from '../errors.ts'

/** What a subgraph answered to one operation, as far as it could be checked without its schema. */
export type SubgraphAnswer = {
  data?: Record<string, unknown> | null
  errors?: readonly SubgraphAnswerError[]
  extensions?: Record<string, unknown>
  /** The header of the answer, where there was one. */
  cacheControl?: string | undefined
}

/** One error of a subgraph's answer. */
export type SubgraphAnswerError = {
  message: string
  path?: readonly (string | number)[]
  extensions?: Record<string, unknown>
}

const LONGEST_CODE = 100
const JSON_ANSWER = /^application\/(graphql-response\+)?json\s*(;|$)/i

/**
 * Reads a whole answer.
 * @throws SUBGRAPH_ANSWER_INVALID for anything that is no GraphQL answer: HTML, half of one, none.
 */
export function readAnswer(
  subgraph: string,
  { status, contentType, text }: WholeAnswer,
): SubgraphAnswer {
  if (!JSON_ANSWER.test(contentType)) throw answerInvalid(subgraph, { status, contentType })
  const refusal = status < 300 ? null : refusalIn(subgraph, text)
  if (refusal !== null) throw answerInvalid(subgraph, { status, code: refusal })
  return parseAnswer(subgraph, text)
}

/** The code of a plain refusal, such as of the gateway's own token; it is for the log alone. */
function refusalIn(subgraph: string, text: string): string | null {
  const body = parseJson(subgraph, text)
  if (!isRecord(body) || isAnswer(body)) return null
  return typeof body.code === 'string' ? body.code.slice(0, LONGEST_CODE) : null
}

/** Narrows text to an answer: an object with `data`, or with `errors` that say something. */
export function parseAnswer(subgraph: string, text: string): SubgraphAnswer {
  return toAnswer(subgraph, parseJson(subgraph, text))
}

/** The same of what was parsed; a place that is none is taken out. @throws SUBGRAPH_ANSWER_INVALID */
export function toAnswer(subgraph: string, value: unknown): SubgraphAnswer {
  if (!isRecord(value) || !isAnswer(value)) throw answerInvalid(subgraph, new Error('No answer.'))
  for (const error of value.errors ?? []) if (!isPath(error.path)) delete error.path
  return value
}

function isPath(path: unknown): path is readonly (string | number)[] {
  const isStep = (step: unknown) => typeof step === 'string' || typeof step === 'number'
  return Array.isArray(path) && path.every(isStep)
}

function parseJson(subgraph: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw answerInvalid(subgraph, cause)
  }
}

function isAnswer(answer: Record<string, unknown>): answer is SubgraphAnswer {
  const { data, errors, extensions } = answer
  const hasData = 'data' in answer && (data === null || isRecord(data))
  const hasErrors = Array.isArray(errors) && errors.length > 0 && errors.every(isAnswerError)
  if ('data' in answer && !hasData) return false
  if (errors !== undefined && errors !== null && !hasErrors && !isEmptyList(errors)) return false
  if (extensions !== undefined && extensions !== null && !isRecord(extensions)) return false
  return hasData || hasErrors
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function isAnswerError(error: unknown): error is SubgraphAnswerError {
  return isRecord(error) && typeof error.message === 'string'
}

/** True for plain JSON objects. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The refusal for an answer that is none; the cause stays in the log, away from clients. */
export function answerInvalid(subgraph: string, cause?: unknown) {
  return gatewayError('SUBGRAPH_ANSWER_INVALID', { subgraph }, { cause })
}

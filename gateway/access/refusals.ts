import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { gatewayError } from '../errors.ts'
import type { FilteredOperation, Refusal } from './filter-operation.ts'

/**
 * How an asker hears of what was refused: as errors, in `extensions.authorizationErrors`, or by the
 * nulls alone.
 */
export type RefusalsTold = 'errors' | 'extensions' | 'disabled'

/** Errors of this gateway's own filter: a subgraph that words one alike cannot pass for it. */
const ownErrors = new WeakSet<GraphQLError>()

type Http = { status: number; headers?: Readonly<Record<string, string>> }

/** Without rights 403; without even a name 401, and how to give one (RFC 9110, 15.5.2). */
const httpOf = ({ kind }: Viewer): Http =>
  kind === 'anonymous'
    ? { status: 401, headers: { 'www-authenticate': 'Bearer' } }
    : { status: 403 }

function errorAt({ path }: Pick<Refusal, 'path'>, http?: Http): GraphQLError {
  const { message, extensions } = gatewayError('UNAUTHORIZED_FIELD_OR_TYPE')
  const error = new GraphQLError(message, {
    ...(path.length > 0 ? { path } : {}),
    extensions: { ...extensions, ...(http ? { http } : {}) },
  })
  ownErrors.add(error)
  return error
}

/** One error for each refused path, however many stages refused it. */
function errorsAt(refusals: readonly Refusal[], http?: Http): GraphQLError[] {
  const byPath = new Map(refusals.map((refusal) => [refusal.path.join('\0'), refusal]))
  return [...byPath.values()].map((refusal) => errorAt(refusal, http))
}

/** What a filtered operation was refused, as errors at their places. */
export function refusalErrors({ removedPaths }: FilteredOperation): GraphQLError[] {
  return errorsAt(removedPaths)
}

const asTold = ({ message, path, extensions }: GraphQLError) => {
  const { http: _http, ...shown } = extensions
  return { message, ...(path ? { path } : {}), extensions: shown }
}

/** Words the refusals of an answer as the setting wants them; errors of all others stay errors. */
export function tellRefusals(result: ExecutionResult, told: RefusalsTold): ExecutionResult {
  if (told === 'errors' || !result.errors) return result
  const { errors, extensions, ...rest } = result
  const refused = errors.filter((error) => ownErrors.has(error))
  if (refused.length === 0) return result
  const others = errors.filter((error) => !ownErrors.has(error))
  const withRefused = { ...extensions, authorizationErrors: refused.map(asTold) }
  const shown = told === 'extensions' ? withRefused : extensions
  return {
    ...(others.length > 0 ? { errors: others } : {}),
    ...rest,
    ...(shown ? { extensions: shown } : {}),
  }
}

/**
 * The answer to an operation that is refused as a whole: no data, and a status that says so. Where
 * refusals are no errors, one error without a place remains, as an answer must hold something.
 */
export function rejectionOf(
  { removedPaths }: FilteredOperation,
  viewer: Viewer,
  told: RefusalsTold,
): ExecutionResult {
  const http = httpOf(viewer)
  if (told === 'errors') return { errors: errorsAt(removedPaths, http) }
  const errors = [errorAt({ path: [] }, http)]
  if (told === 'disabled') return { errors }
  return { errors, extensions: { authorizationErrors: errorsAt(removedPaths).map(asTold) } }
}

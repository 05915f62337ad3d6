import type { FetchNode } from '@apollo/query-planner'
import type { JsonObject } from './own-properties.ts'

/** The variables that a fetch uses, of those that were given or have a default. */
export function usedVariables(
  { variableUsages }: Pick<FetchNode, 'variableUsages'>,
  variables: Readonly<JsonObject>,
): JsonObject {
  const names = (variableUsages ?? []).filter((name) => Object.hasOwn(variables, name))
  return Object.fromEntries(names.map((name) => [name, variables[name]]))
}

const beginnings = new WeakMap<FetchNode, string>()

/** What the body of every request of a fetch begins with: its variables as JSON and a brace follow. */
export function beginningOf(fetch: FetchNode): string {
  const known = beginnings.get(fetch)
  if (known !== undefined) return known
  const { operation: query, operationName } = fetch
  const beginning = `${JSON.stringify({ query, operationName }).slice(0, -1)},"variables":`
  beginnings.set(fetch, beginning)
  return beginning
}

import type { GraphQLError } from 'graphql'
import type { SubgraphAnswer } from './execute-plan.ts'
import type { JsonObject } from './own-properties.ts'
import { type Placed, type PlanPath, placesOf, type ResponsePath } from './plan-paths.ts'
import type { Representations } from './representations.ts'
import { placedError } from './subgraph-errors.ts'

/** What was answered to a question for entities. */
export type Received = {
  path: PlanPath
  owners: Representations['owners']
  answer: SubgraphAnswer
}

/** `_entities`, 3, `price` → where the objects of the fourth representation stand, then `price`. */
export function errorsOfEntities(
  data: JsonObject,
  serviceName: string,
  { path, owners, answer }: Received,
): GraphQLError[] {
  const places = placesOf(data, path)
  return (answer.errors ?? []).flatMap((error) =>
    pathsOf(error.path, places, owners).map((place) => placedError(error, serviceName, place)),
  )
}

function pathsOf(
  path: ResponsePath | undefined,
  places: readonly Placed[],
  owners: Representations['owners'],
): (ResponsePath | undefined)[] {
  const [root, index, ...rest] = path ?? []
  const first = places[0]?.place
  if (root !== '_entities' || typeof index !== 'number') return [first]
  const owned = new Set(owners[index])
  const found = places.filter(({ object }) => owned.has(object))
  return found.length > 0 ? found.map(({ place }) => [...place, ...rest]) : [first]
}

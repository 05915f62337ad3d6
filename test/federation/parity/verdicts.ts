import { parse, validate } from 'graphql'
import { NOTHING_GRANTED } from '#gateway/access/policies.ts'
import { rightsOf } from '#gateway/access/rights.ts'
import { STAGES } from '#gateway/access/scope-rules.ts'
import { createStageJudge } from '#gateway/access/stage-judge.ts'
import type { LoadedSupergraph } from '#gateway/supergraph.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { keysOf, type Question, type Shape } from './questions.ts'
import type { Way } from './ways.ts'

/**
 * `refused`: for want of a right. `given`: the field was reached. `otherwise`: let in, and then refused
 * for a reason of the row or the input. `absent`: no object was there to ask.
 */
export type Verdict = 'refused' | 'given' | 'otherwise' | 'absent'

const REFUSED = 'UNAUTHORIZED_FIELD_OR_TYPE'

export type SubgraphAnswer = {
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[]
}

/** True when some object is there that was asked for the last of the keys. */
function isReached(value: unknown, keys: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => isReached(item, keys))
  const [key, ...rest] = keys
  if (typeof value !== 'object' || value === null || key === undefined) return false
  const inner = (value as Record<string, unknown>)[key]
  return rest.length === 0 ? inner !== undefined : isReached(inner, rest)
}

/** How many fields deep a place is; elements of lists are no fields. */
const depthOf = (path: readonly (string | number)[]) =>
  path.filter((segment) => typeof segment === 'string').length

/** What a subgraph by itself made of one shape of a question. */
export function verdictOf(answer: SubgraphAnswer, way: Way, shape: Shape): Verdict {
  const isOfEntity = typeof way.from !== 'string'
  const keys = keysOf(shape, way)
  const place = isOfEntity ? 2 : 0
  const mine = (answer.errors ?? []).filter(
    ({ path }) => !path || path.length <= place || path[place] === keys[0],
  )
  if (mine.some(({ extensions }) => extensions?.code === REFUSED)) return 'refused'
  const data = isOfEntity ? answer.data?._entities : answer.data
  const isAtEnd = mine.some(
    ({ path }) => !path || depthOf(path) - Math.min(place, 1) >= keys.length,
  )
  if (isAtEnd) return 'otherwise'
  return isReached(data, keys) ? 'given' : 'absent'
}

/** What the gateway's filter makes of the same: true where it takes out something of that shape. */
export function gatewayRefuses(
  loaded: LoadedSupergraph,
  { question, way, viewer }: { question: Question; way: Way; viewer: Viewer },
): (shape: Shape) => boolean {
  if (typeof way.from !== 'string') {
    const refuses = refusesWay(loaded, way, viewer)
    return () => refuses
  }
  const document = parse(question.query)
  const invalid = validate(loaded.apiSchema, document)
  if (invalid.length > 0) throw new AggregateError(invalid, `${invalid[0]} ${question.query}`)
  const { removedPaths } = loaded.authorise({ document }, viewer)
  return (shape) => removedPaths.some(({ path }) => path[0] === keysOf(shape, way)[0])
}

/** No client asks `_entities`: there each field of the way is judged as it stands in any operation. */
function refusesWay({ apiSchema: schema, rules }: LoadedSupergraph, way: Way, viewer: Viewer) {
  const rights = rightsOf(viewer, rules, NOTHING_GRANTED)
  const judges = STAGES.flatMap((stage) => createStageJudge(stage, { schema, rules, rights }) ?? [])
  return way.steps.some(({ parent, field }) => {
    const type = schema.getType(parent.name)
    if (!type || !('getFields' in type) || 'isOneOf' in type) throw new Error(`no ${parent.name}`)
    return judges.some((judge) => !judge.mayType(parent.name) || !judge.mayField(type, field.name))
  })
}

import { getNamedType } from 'graphql'
import { NOTHING_GRANTED } from '#gateway/access/policies.ts'
import { rightsOf } from '#gateway/access/rights.ts'
import type { RuleSet } from '#gateway/access/scope-rules.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Access } from '#kernel/graphql/access.ts'
import type { TestPlatform } from '../../kit/platform.ts'
import type { Keys, Reached } from './fields-with-ways.ts'
import { questionOf, SHAPES, type Shape } from './questions.ts'
import { answerAtTheDoor, firstOfStream } from './subgraph-door.ts'
import { gatewayRefuses, type SubgraphAnswer, type Verdict, verdictOf } from './verdicts.ts'
import type { Way } from './ways.ts'

/** What became of all comparisons. */
export type Tally = Record<Verdict, number> & {
  mismatches: string[]
  /** Fields that both refused, and that both let in. */
  refusedBy: Set<string>
  letInBy: Set<string>
  byWay: Record<'root' | 'mutation' | 'subscription' | 'entity', number>
}

export const emptyTally = (): Tally => ({
  ...{ refused: 0, given: 0, otherwise: 0, absent: 0 },
  mismatches: [],
  refusedBy: new Set(),
  letInBy: new Set(),
  byWay: { root: 0, mutation: 0, subscription: 0, entity: 0 },
})

export type Comparison = { platform: TestPlatform; keys: Keys; tally: Tally }

const kindOf = ({ from }: Way) => {
  if (typeof from !== 'string') return 'entity'
  if (from === 'Query') return 'root'
  return from === 'Mutation' ? 'mutation' : 'subscription'
}

/** Long enough for a refusal that nobody expects; one that is expected is waited for. */
const UNEXPECTED_MS = 250
const EXPECTED_MS = 20_000

/** Every scope that something on a way may ask for. */
export function scopesOn({ steps }: Way): string[] {
  const asking = steps.flatMap(({ parent, field }) => [parent, field, getNamedType(field.type)])
  const named = asking.flatMap((one) => {
    const { access } = one.extensions as { access?: Access | null }
    return access && 'scopes' in access ? access.scopes.flat() : []
  })
  return [...new Set(named)].sort()
}

/** Where one field is come to, and by whom; `atGateway`: whom the gateway takes the viewer for, where that is another. */
type Case = { field: Reached; way: Way; viewer: Viewer; atGateway?: Viewer }
type Heard = { shape: Shape; verdict: Verdict; isRefused: boolean; answer: SubgraphAnswer | null }

function note({ tally, platform }: Comparison, tried: Case, heard: Heard): void {
  const { field, way, viewer } = tried
  const { verdict, isRefused, shape, answer } = heard
  const label = `${field.subgraph} ${field.coordinate}`
  // The row or the input was refused before an object was there whose type could be.
  const isBefore = verdict === 'otherwise' && isRefused
  if (verdict === 'absent' || (isBefore && isLetToField(platform, tried))) {
    tally.absent += 1
    return
  }
  tally[verdict] += 1
  tally.byWay[kindOf(way)] += 1
  if ((verdict === 'refused') === isRefused) {
    const fields = isRefused ? tally.refusedBy : tally.letInBy
    fields.add(label)
    return
  }
  const said = `gateway ${isRefused ? 'refuses' : 'lets in'}, subgraph says ${verdict}`
  const error = JSON.stringify(answer?.errors?.[0] ?? null)
  tally.mismatches.push(
    `${label} by ${kindOf(way)} ${shape}: ${said} ${error}; ${viewer.kind} [${viewer.scopes}]`,
  )
}

/** True where nothing but the rule of what the last field answers with is missing. */
function isLetToField(platform: TestPlatform, { way, viewer }: Case): boolean {
  const { rules } = platform.local.supergraph.current()
  const rights = rightsOf(viewer, rules, NOTHING_GRANTED)
  const holds = (ruleSet: RuleSet | undefined) =>
    Object.values(ruleSet ?? {}).every((index) => rights.holds(index))
  return way.steps.every(
    ({ parent, field }) =>
      holds(rules.types.get(parent.name)) && holds(rules.fields.get(parent.name)?.get(field.name)),
  )
}

async function compareStream(comparison: Comparison, tried: Case, shape: Shape): Promise<void> {
  const { platform } = comparison
  const { way, viewer, field } = tried
  const question = questionOf(way, [shape])
  const loaded = platform.local.supergraph.current()
  const isRefused = gatewayRefuses(loaded, { question, way, viewer })(shape)
  const answer = await firstOfStream(platform, field.subgraph, {
    ...{ viewer, query: question.query, variables: question.variables },
    waitMs: isRefused ? EXPECTED_MS : UNEXPECTED_MS,
  })
  const verdict = answer ? verdictOf(answer, way, shape) : 'given'
  note(comparison, tried, { shape, verdict, isRefused, answer })
}

async function compareAnswer(
  comparison: Comparison,
  tried: Case,
  shapes: readonly Shape[],
): Promise<void> {
  const { platform, keys } = comparison
  const { way, viewer, field, atGateway = viewer } = tried
  const entity = typeof way.from === 'string' ? null : way.from.entity
  const question = questionOf(way, shapes, entity ? keys.get(entity) : [])
  const loaded = platform.local.supergraph.current()
  const refuses = gatewayRefuses(loaded, { question, way, viewer: atGateway })
  const asked = { viewer, query: question.query, variables: question.variables }
  const answer = await answerAtTheDoor(platform, field.subgraph, asked)
  for (const shape of shapes) {
    const verdict = verdictOf(answer, way, shape)
    note(comparison, tried, { shape, verdict, isRefused: refuses(shape), answer })
  }
}

/** Whether one field, come to in one way, is refused to a viewer by both or by neither. */
export async function compare(comparison: Comparison, tried: Case): Promise<void> {
  const kind = kindOf(tried.way)
  if (kind === 'subscription') {
    await Promise.all(SHAPES.map((shape) => compareStream(comparison, tried, shape)))
    return
  }
  // Each change is made once, in one shape after another: four would get in each other's way.
  const shape = SHAPES[comparison.tally.byWay.mutation % SHAPES.length] ?? 'direct'
  await compareAnswer(comparison, tried, kind === 'mutation' ? [shape] : SHAPES)
}

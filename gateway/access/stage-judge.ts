import {
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
} from 'graphql'
import type { Rights } from './rights.ts'
import type { AccessRules, Stage } from './scope-rules.ts'

/** Answers what one stage of access control allows one viewer. */
export type StageJudge = {
  mayType: (name: string) => boolean
  /** The field, the named type it returns and, on an interface, the same on every implementer. */
  mayField: (parent: GraphQLCompositeType, field: string) => boolean
  mayImplementers: (type: GraphQLInterfaceType) => boolean
}

type Judged = { schema: GraphQLSchema; rules: AccessRules; rights: Pick<Rights, 'holds'> }

/** Builds the judge of a stage; null when nothing that the stage asks for is missing. */
export function createStageJudge(stage: Stage, judged: Judged): StageJudge | null {
  const { rules, rights } = judged
  const isMissing = rules.requirements.some(
    (requirement, index) => requirement.stage === stage && !rights.holds(index),
  )
  return isMissing ? judgeOf(stage, judged) : null
}

function judgeOf(stage: Stage, { schema, rules, rights }: Judged): StageJudge {
  const holds = (requirement: number | undefined) =>
    requirement === undefined || rights.holds(requirement)
  const mayType = (name: string) =>
    schema.getType(name) !== undefined && holds(rules.types.get(name)?.[stage])
  const mayOwnField = (parent: GraphQLCompositeType, field: string) => {
    const definition = 'getFields' in parent ? parent.getFields()[field] : undefined
    if (!definition) return false
    return (
      holds(rules.fields.get(parent.name)?.get(field)?.[stage]) &&
      mayType(getNamedType(definition.type).name)
    )
  }
  const implementersOf = (type: GraphQLInterfaceType) => {
    const { objects, interfaces } = schema.getImplementations(type)
    return [...objects, ...interfaces]
  }
  return {
    mayType,
    mayField: (parent, field) =>
      mayOwnField(parent, field) &&
      (!isInterfaceType(parent) ||
        implementersOf(parent).every((implementer) => mayOwnField(implementer, field))),
    mayImplementers: (type) =>
      implementersOf(type).every((implementer) => mayType(implementer.name)),
  }
}

/** A judge that allows all and remembers which policies it would have had to know of. */
export function createPolicyListener(judged: Omit<Judged, 'rights'>): {
  judge: StageJudge
  heard: ReadonlySet<string>
} {
  const heard = new Set<string>()
  const holds = (requirement: number) => {
    for (const name of judged.rules.requirements[requirement]?.anyOf.flat() ?? []) heard.add(name)
    return true
  }
  return { judge: judgeOf('policies', { ...judged, rights: { holds } }), heard }
}

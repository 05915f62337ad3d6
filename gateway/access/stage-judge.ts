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

/** Builds the judge of a stage; null when nothing that the stage asks for is missing. */
export function createStageJudge(
  stage: Stage,
  access: { schema: GraphQLSchema; rules: AccessRules; rights: Rights },
): StageJudge | null {
  const { schema, rules, rights } = access
  const isMissing = rules.requirements.some(
    (requirement, index) => requirement.stage === stage && !rights.holds(index),
  )
  if (!isMissing) return null

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

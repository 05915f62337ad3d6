import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type NameNode,
  valueFromASTUntyped,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import { type AccessFeatures, resolveAccessFeatures } from './linked-features.ts'
import { GUARDED_KINDS, refuseStrayRules } from './stray-rules.ts'

/** The stages of access control, in the order in which they filter an operation. */
export const STAGES = ['authenticated', 'scopes', 'policies'] as const

export type Stage = (typeof STAGES)[number]

/** What one distinct application of a directive asks for; outer OR, inner AND. */
export type Requirement = { stage: Stage; anyOf: readonly (readonly string[])[] }

/** Per stage, the index of the requirement within `AccessRules.requirements`. */
export type RuleSet = { readonly [stage in Stage]?: number }

/** On whom an answer depends, from `@shares(by: …)`; what says nothing depends on the viewer. */
export type Sharing = 'everyone' | 'tenant' | 'viewer'

const WIDTH: Readonly<Record<Sharing, number>> = { viewer: 0, tenant: 1, everyone: 2 }

/** The narrower of two. */
export function narrowest(one: Sharing, other: Sharing): Sharing {
  return WIDTH[one] <= WIDTH[other] ? one : other
}

/** Every access rule of one supergraph. */
export type AccessRules = {
  readonly requirements: readonly Requirement[]
  readonly types: ReadonlyMap<string, RuleSet>
  /** Type name → field name → rules. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, RuleSet>>
  /** `Type` or `Type.field` → sharing. */
  readonly shares: ReadonlyMap<string, Sharing>
}

type Collector = {
  features: AccessFeatures
  requirements: Requirement[]
  indexByText: Map<string, number>
  shares: Map<string, Sharing>
}

type Guarded = { coordinate: string; directives?: readonly ConstDirectiveNode[] | undefined }

function argumentOf(directive: ConstDirectiveNode, name: string): unknown {
  const argument = directive.arguments?.find((candidate) => candidate.name.value === name)
  return argument && valueFromASTUntyped(argument.value)
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** The `[[…]]` argument; a rule that cannot be read would otherwise be a rule that is not enforced. */
function readAnyOf(directive: ConstDirectiveNode, stage: Stage, coordinate: string): string[][] {
  if (stage === 'authenticated') return []
  const value = argumentOf(directive, stage)
  if (Array.isArray(value) && value.every(isListOfTexts)) return value
  throw gatewayError('SUPERGRAPH_INVALID', { reason: `unreadable @${stage} rule`, coordinate })
}

function indexOfRequirement(collector: Collector, requirement: Requirement): number {
  const text = JSON.stringify([requirement.stage, requirement.anyOf])
  const known = collector.indexByText.get(text)
  if (known !== undefined) return known
  collector.indexByText.set(text, collector.requirements.length)
  return collector.requirements.push(requirement) - 1
}

function readSharing(directive: ConstDirectiveNode, coordinate: string): Sharing {
  const by = String(argumentOf(directive, 'by')).toLowerCase()
  if (by === 'everyone' || by === 'tenant' || by === 'viewer') return by
  throw gatewayError('SUPERGRAPH_INVALID', { reason: 'unreadable @shares rule', coordinate })
}

/** Of several rules for the same the narrowest holds. */
function noteSharing({ shares }: Collector, directive: ConstDirectiveNode, coordinate: string) {
  const sharing = readSharing(directive, coordinate)
  shares.set(coordinate, narrowest(sharing, shares.get(coordinate) ?? sharing))
}

function readRuleSet(collector: Collector, guarded: Guarded): RuleSet | null {
  const ruleSet: { [stage in Stage]?: number } = {}
  for (const directive of guarded.directives ?? []) {
    const feature = collector.features.featureByDirective.get(directive.name.value)
    if (feature === 'shares') noteSharing(collector, directive, guarded.coordinate)
    if (feature === undefined || feature === 'shares') continue
    const anyOf = readAnyOf(directive, feature, guarded.coordinate)
    if (feature !== 'authenticated' && anyOf.length === 0) continue
    const index = indexOfRequirement(collector, { stage: feature, anyOf })
    ruleSet[feature] = bothOf(collector, ruleSet[feature], index)
  }
  return Object.keys(ruleSet).length === 0 ? null : ruleSet
}

/** The requirement that asks for what two of one stage ask: a second rule never undoes the first. */
function bothOf(collector: Collector, one: number | undefined, other: number): number {
  const first = one === undefined ? undefined : collector.requirements[one]
  const second = collector.requirements[other]
  if (!first || !second || first.stage === 'authenticated') return other
  const anyOf = first.anyOf.flatMap((left) =>
    second.anyOf.map((right) => [...new Set([...left, ...right])].sort()),
  )
  return indexOfRequirement(collector, { stage: first.stage, anyOf })
}

function joined(collector: Collector, one: RuleSet | undefined, other: RuleSet): RuleSet {
  const ruleSet: { [stage in Stage]?: number } = { ...one }
  for (const stage of STAGES) {
    const index = other[stage]
    if (index !== undefined) ruleSet[stage] = bothOf(collector, ruleSet[stage], index)
  }
  return ruleSet
}

type TypeLikeNode = DefinitionNode & {
  name: NameNode
  directives?: readonly ConstDirectiveNode[]
  fields?: readonly FieldDefinitionNode[]
}

function isGuardedType(node: DefinitionNode): node is TypeLikeNode {
  return GUARDED_KINDS.has(node.kind)
}

/** What one subgraph says of a type says nothing of the fields that another gives it. */
function isOfSeveral({ directives = [] }: TypeLikeNode): boolean {
  const joined = directives.filter(({ name }) => name.value === 'join__type')
  return new Set(joined.map((directive) => argumentOf(directive, 'graph'))).size > 1
}

/**
 * Reads every access rule of a supergraph, whatever the directives are called there.
 * Throws SUPERGRAPH_INVALID for a rule that cannot be read, or stands where none is enforced.
 */
export function readAccessRules(
  document: DocumentNode,
  features: AccessFeatures = resolveAccessFeatures(document),
): AccessRules {
  const collector: Collector = {
    features,
    requirements: [],
    indexByText: new Map(),
    shares: new Map(),
  }
  refuseStrayRules(document, features)
  const types = new Map<string, RuleSet>()
  const fields = new Map<string, Map<string, RuleSet>>()
  for (const node of document.definitions.filter(isGuardedType)) {
    const name = node.name.value
    const ofType = readRuleSet(collector, { coordinate: name, directives: node.directives })
    if (ofType) types.set(name, joined(collector, types.get(name), ofType))
    if (isOfSeveral(node)) collector.shares.delete(name)
    const ofFields = fields.get(name) ?? new Map<string, RuleSet>()
    for (const field of node.fields ?? []) {
      const coordinate = `${name}.${field.name.value}`
      const ofField = readRuleSet(collector, { coordinate, directives: field.directives })
      if (ofField) ofFields.set(field.name.value, ofField)
    }
    if (ofFields.size > 0) fields.set(name, ofFields)
  }
  return { requirements: collector.requirements, types, fields, shares: collector.shares }
}

/** True when the supergraph asks for anything that somebody has to enforce. */
export function hasRules(rules: AccessRules): boolean {
  return rules.types.size > 0 || rules.fields.size > 0
}

import type { GraphQLError, GraphQLSchema } from 'graphql'
import { refusalErrors } from '../../access/refusals.ts'
import type { JsonObject } from '../own-properties.ts'
import { startsWith } from '../shape-result.ts'
import {
  type CollectedGroups,
  type CollectingParts,
  collectGroups,
  PRIMARY,
  type TaggedSelection,
} from './deferred-fields.ts'
import type { DeferredOperation } from './deferred-operation.ts'
import type { DeliveryFormat } from './incremental-result.ts'
import type { DeferredRun } from './run-deferred.ts'
import {
  type Fragment,
  type LaterGroup,
  type PartOutcome,
  type PartWalk,
  shapeFields,
  shapeObject,
} from './shape-part.ts'

/** What a delivery is made of. */
export type DeliveryInput = {
  deferred: DeferredOperation
  /** The API schema. */
  schema: GraphQLSchema
  /** Coerced, with defaults. */
  variables: Readonly<JsonObject>
  format: DeliveryFormat
  run: Pick<DeferredRun, 'errorsOf'>
  /** Filled by the run. */
  data: JsonObject
}

/** The state of an answer in parts: what was delivered, and what is still to come. */
export type Delivery = DeliveryInput & {
  collect: PartWalk['collect']
  /** One for each refused place, as long as it was not told. */
  untold: Set<GraphQLError>
  refused: readonly GraphQLError[]
  /** Announced, and not delivered. */
  pending: Set<Fragment>
  roots: Fragment[]
  announced: number
}

/** What one payload brings. */
export type Delivered = {
  announced: Fragment[]
  outcomes: PartOutcome[]
  completed: Fragment[]
}

/** Nothing is delivered yet. */
export function createDelivery(input: DeliveryInput): Delivery {
  const { deferred, schema, variables, format } = input
  const { operation, usages } = deferred
  const collecting: CollectingParts = { schema, operation, variables, usages, format }
  const refused = refusalErrors(operation)
  return {
    ...input,
    ...{ refused, untold: new Set(refused), pending: new Set(), roots: [], announced: 0 },
    collect: rememberedGroups(collecting),
  }
}

/** Items of a list ask for the same: it is found once for all of them. */
function rememberedGroups(collecting: CollectingParts): PartWalk['collect'] {
  const known = new Map<readonly TaggedSelection[], Map<string, CollectedGroups>>()
  return (selections, type, current) => {
    const ofSelections = known.get(selections) ?? new Map<string, CollectedGroups>()
    known.set(selections, ofSelections)
    const key = `${type.name} ${current}`
    const collected =
      ofSelections.get(key) ?? collectGroups(collecting, selections, { type, current })
    ofSelections.set(key, collected)
    return collected
  }
}

function newWalk({ schema, collect }: Delivery, group?: LaterGroup): PartWalk {
  const path = [...(group?.path ?? [])]
  return { schema, collect, path, current: group?.key ?? PRIMARY, invalid: [], later: [] }
}

function link(delivery: Delivery, fragment: Fragment): void {
  if (fragment.isLinked) return
  fragment.isLinked = true
  if (fragment.parent) link(delivery, fragment.parent)
  const siblings = fragment.parent?.children ?? delivery.roots
  siblings.push(fragment)
}

function take(delivery: Delivery, { later }: PartWalk): void {
  for (const group of later)
    for (const fragment of group.fragments) {
      link(delivery, fragment)
      fragment.groups.push(group)
    }
}

/** Announces fragments that now may come; of those that bring nothing, what stands in them. */
function announce(delivery: Delivery, fragments: readonly Fragment[], delivered: Delivered): void {
  for (const fragment of fragments) {
    if (fragment.groups.length === 0) {
      announce(delivery, fragment.children, delivered)
      continue
    }
    fragment.id = String(delivery.announced++)
    delivery.pending.add(fragment)
    delivered.announced.push(fragment)
  }
}

/** Shapes all that is not deferred, from data that is complete but for what is. */
export function deliverPrimary(delivery: Delivery) {
  const { deferred, schema, data: object } = delivery
  const { operation } = deferred.operation
  const delivered: Delivered = { announced: [], outcomes: [], completed: [] }
  const walk = newWalk(delivery)
  const type = schema.getRootType(operation.operation)
  const selections = [{ set: operation.selectionSet, isRemoved: false, usage: null }]
  const collected = type && delivery.collect(selections, type, PRIMARY)
  const data = collected ? shapeObject(walk, object, { collected, scope: null }) : null
  take(delivery, walk)
  announce(delivery, delivery.roots, delivered)
  return { delivered, data, invalid: walk.invalid }
}

function deliverGroup(delivery: Delivery, group: LaterGroup): PartOutcome {
  const walk = newWalk(delivery, group)
  const data = shapeFields(walk, group.object, group)
  if (data) take(delivery, walk)
  const outcome = { group, data, heard: [], invalid: walk.invalid }
  group.outcome = outcome
  return outcome
}

function complete(delivery: Delivery, fragment: Fragment, delivered: Delivered): void {
  delivery.pending.delete(fragment)
  delivered.completed.push(fragment)
  for (const group of fragment.groups)
    if (!group.outcome) delivered.outcomes.push(deliverGroup(delivery, group))
  if (!isFailed(fragment)) announce(delivery, fragment.children, delivered)
}

/** A part of it is null where it may not be: nothing stands where the fragment would. */
export const isFailed = ({ groups }: Fragment): boolean =>
  groups.some(({ outcome }) => outcome?.data === null)

/** Shapes every announced fragment whose fetches are done; null where there is none. */
export function deliverReady(delivery: Delivery): Delivered | null {
  const delivered: Delivered = { announced: [], outcomes: [], completed: [] }
  const isReady = ({ usage }: Fragment) => delivery.run.errorsOf(usage.label) !== null
  for (;;) {
    const ready = [...delivery.pending].filter(isReady)
    if (ready.length === 0) break
    for (const fragment of ready) complete(delivery, fragment, delivered)
  }
  if (delivered.completed.length === 0) return null
  placeErrors(delivery, delivered)
  return delivered
}

/** Errors of deferred fetches go to the part in which they stand, else to the first of theirs. */
function placeErrors(delivery: Delivery, { completed, outcomes }: Delivered): void {
  for (const usage of new Set(completed.map((fragment) => fragment.usage))) {
    const own = outcomes.filter(({ group }) => group.usages.includes(usage))
    for (const error of heardOf(delivery, delivery.run.errorsOf(usage.label) ?? []))
      placeOf(error, own)?.heard.push(error)
  }
}

function placeOf(
  { path = [] }: GraphQLError,
  outcomes: readonly PartOutcome[],
): PartOutcome | undefined {
  let nearest = outcomes[0]
  let length = -1
  for (const outcome of outcomes) {
    const { path: place } = outcome.group
    if (place.length <= length || !startsWith(path, place)) continue
    nearest = outcome
    length = place.length
  }
  return nearest
}

/** Without those at refused places: they would speak of what the asker may not see. */
export function heardOf(
  { refused }: Delivery,
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  return errors.filter(
    ({ path }) =>
      !path || !refused.some((refusal) => refusal.path && startsWith(path, refusal.path)),
  )
}

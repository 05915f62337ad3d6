import type { GraphQLError } from 'graphql'
import type { JsonObject } from '../own-properties.ts'
import { unexplained } from '../shape-result.ts'
import type { Delivered, Delivery } from './delivery.ts'
import type {
  CompletedPart,
  DeliveredPart,
  IncrementalResult,
  PendingPart,
} from './incremental-result.ts'
import type { Fragment, PartOutcome } from './shape-part.ts'

const withErrors = (errors: readonly GraphQLError[]) => (errors.length > 0 ? { errors } : {})
const labelOf = ({ usage }: Fragment) =>
  usage.shownLabel === null ? {} : { label: usage.shownLabel }

/** What a part says of itself; one that could not be made always says why. */
function errorsOf({ refused }: Delivery, { heard, invalid, data }: PartOutcome) {
  const errors = [...heard, ...unexplained(invalid, [...heard, ...refused])]
  if (data || errors.length > 0) return errors
  return invalid.length > 0 ? invalid : refused
}

/** Parts by place and label, each fragment whole. */
function wordByPlace(delivery: Delivery, { outcomes }: Delivered): Partial<IncrementalResult> {
  const incremental = outcomes.flatMap((outcome): DeliveredPart[] => {
    const [fragment] = outcome.group.fragments
    if (!fragment) return []
    const { data, group } = outcome
    const errors = errorsOf(delivery, outcome)
    return [{ data, path: group.path, ...labelOf(fragment), ...withErrors(errors) }]
  })
  return incremental.length > 0 ? { incremental } : {}
}

const announcements = (fragments: readonly Fragment[]): PendingPart[] =>
  fragments.map((fragment) => ({
    ...{ id: fragment.id ?? '', path: fragment.path },
    ...labelOf(fragment),
  }))

/** The longest path of the fragments that a group belongs to and that are not complete before it. */
function nearestOf({ pending }: Delivery, { completed }: Delivered, { group }: PartOutcome) {
  const open = group.fragments.filter(
    (fragment) => pending.has(fragment) || completed.includes(fragment),
  )
  return open.reduce<Fragment | null>(
    (best, fragment) => (best && best.path.length >= fragment.path.length ? best : fragment),
    null,
  )
}

/** Parts by announcement, each field once. */
function wordByNotice(delivery: Delivery, delivered: Delivered): Partial<IncrementalResult> {
  const pending = announcements(delivered.announced)
  const incremental = delivered.outcomes.flatMap((outcome): DeliveredPart[] => {
    const nearest = nearestOf(delivery, delivered, outcome)
    if (!nearest || !outcome.data) return []
    const subPath = outcome.group.path.slice(nearest.path.length)
    const errors = errorsOf(delivery, outcome)
    const place = subPath.length > 0 ? { subPath } : {}
    return [{ id: nearest.id ?? '', ...place, data: outcome.data, ...withErrors(errors) }]
  })
  const completed = delivered.completed.map(({ id, groups }): CompletedPart => {
    const failed = groups.find(({ outcome }) => outcome?.data === null)?.outcome
    const errors = failed ? errorsOf(delivery, failed) : []
    return { id: id ?? '', ...withErrors(errors) }
  })
  return {
    ...(pending.length > 0 ? { pending } : {}),
    ...(incremental.length > 0 ? { incremental } : {}),
    ...(completed.length > 0 ? { completed } : {}),
  }
}

/** One payload after the first, as the client's format has it. */
export function wordParts(delivery: Delivery, delivered: Delivered): IncrementalResult {
  const { format, pending } = delivery
  const words = format === 'v0.2' ? wordByNotice : wordByPlace
  return { ...words(delivery, delivered), hasNext: pending.size > 0 }
}

/** The first payload. */
export function wordPrimary(
  { format, pending }: Delivery,
  { announced }: Delivered,
  { data, errors }: { data: JsonObject | null; errors: readonly GraphQLError[] },
): IncrementalResult {
  return {
    ...{ data, ...withErrors(errors) },
    ...(format === 'v0.2' ? { pending: announcements(announced) } : {}),
    hasNext: pending.size > 0,
  }
}

/** The last payload of an answer that may not go on: nothing of what is pending comes. */
export function wordEnd(delivery: Delivery, error: GraphQLError): IncrementalResult {
  const fragments = [...delivery.pending]
  delivery.pending.clear()
  const errors = [error]
  if (delivery.format === 'v0.2')
    return { completed: fragments.map(({ id }) => ({ id: id ?? '', errors })), hasNext: false }
  const incremental = fragments.map((fragment): DeliveredPart => {
    return { data: null, path: fragment.path, ...labelOf(fragment), errors }
  })
  return { incremental, hasNext: false }
}

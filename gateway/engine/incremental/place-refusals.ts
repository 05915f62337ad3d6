import type { GraphQLError } from 'graphql'
import { type DeferUsage, refusalKey } from './deferred-operation.ts'
import type { Delivered, Delivery } from './delivery.ts'
import type { Fragment } from './shape-part.ts'

/** Deferred fragments (null: none) in which a refused place stands. */
function usagesOf({ deferred }: Delivery, { path }: GraphQLError): ReadonlySet<DeferUsage | null> {
  return deferred.refusals.get(refusalKey((path ?? []).map(String))) ?? new Set([null])
}

function isAround(usage: DeferUsage, inner: DeferUsage | null): boolean {
  return inner !== null && (usage === inner || isAround(usage, inner.parent))
}

function mayCome(pending: ReadonlySet<Fragment>, usages: ReadonlySet<DeferUsage | null>): boolean {
  const waiting = new Set([...pending].map(({ usage }) => usage))
  return [...waiting].some((usage) => [...usages].some((inner) => isAround(usage, inner)))
}

/** What is told of refused places with the first part: of those outside, or that never come. */
export function refusalsOfPrimary(delivery: Delivery): GraphQLError[] {
  const told = [...delivery.untold].filter((refusal) => {
    const usages = usagesOf(delivery, refusal)
    return usages.has(null) || !mayCome(delivery.pending, usages)
  })
  for (const refusal of told) delivery.untold.delete(refusal)
  return told
}

/** Tells of refused places in the part in which they stand, or once that can come no more. */
export function placeRefusals(delivery: Delivery, { outcomes }: Delivered): void {
  for (const refusal of delivery.untold) {
    const usages = usagesOf(delivery, refusal)
    const own = outcomes.find(({ group }) => group.usages.some((usage) => usages.has(usage)))
    const place = own ?? (mayCome(delivery.pending, usages) ? undefined : outcomes[0])
    if (!place) continue
    place.heard.push(refusal)
    delivery.untold.delete(refusal)
  }
}

import type { ConsoleSecurityEventsQuery, SecurityEventWhere } from '../../gql/documents.ts'
import type { SecuritySearch } from './security-search.ts'

type Connection = NonNullable<ConsoleSecurityEventsQuery['securityEvents']>

/** One event, as the list and the live feed bring it. */
export type SecurityEvent = Connection['edges'][number]['node']

/** The part of the address that chooses events. */
export type EventFilters = Pick<SecuritySearch, 'type' | 'userId'>

/** The filters as the platform takes them. */
export const whereOf = ({ type, userId }: EventFilters): SecurityEventWhere => ({
  ...(type ? { eventType: { eq: type } } : {}),
  ...(userId ? { userId: { eq: userId } } : {}),
})

/** The same for an event that came live. */
export const isWanted = ({ type, userId }: EventFilters, event: SecurityEvent): boolean =>
  (!type || event.eventType === type) && (!userId || event.userId === userId)

/** Whom it concerns, in words. */
export function personText({ userId, user }: SecurityEvent): string {
  if (userId === null) return 'system'
  return user?.displayName ?? `Person ${userId}`
}

/** Ids count up, and are longer than a number can be. */
const isLater = (id: string, than: string) =>
  id.length === than.length ? id > than : id.length > than.length

/** Newest first, as the list is. */
export function byNewest(left: SecurityEvent, right: SecurityEvent): number {
  if (left.at !== right.at) return left.at > right.at ? -1 : 1
  return isLater(left.id, right.id) ? -1 : 1
}

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from 'urql'
import { ConsoleSecurityEventsDocument } from '../../gql/documents.ts'
import {
  allShown,
  type FreshEvents,
  MOST_FRESH,
  NO_FRESH_EVENTS,
  withArrived,
} from './fresh-events.ts'
import { type EventFilters, isWanted, type SecurityEvent, whereOf } from './security-event.ts'
import type { SecurityFeed } from './security-feed.ts'

/** Read to see what was missed; another number than a page has, so that no page changes by it. */
const HEAD = 40

type FreshOptions = {
  filters: EventFilters
  feed: SecurityFeed
  /** Of the rows that were read as history. */
  knownIds: RefObject<ReadonlySet<string>>
  isOnTop: RefObject<boolean>
  /** More was missed than can be put on top: the list must be read from its beginning. */
  onGap: () => void
}

/** Events that came since the list was read, and how to put those that wait on top. */
export function useFreshEvents(options: FreshOptions): [FreshEvents, () => void] {
  const client = useClient()
  const [fresh, setFresh] = useState(NO_FRESH_EVENTS)
  const latest = useRef({ ...options, fresh })
  latest.current = { ...options, fresh }
  const take = useCallback((events: readonly SecurityEvent[]) => {
    const { filters, knownIds, isOnTop } = latest.current
    const wanted = events.filter(
      (event) => isWanted(filters, event) && !knownIds.current.has(event.id),
    )
    if (wanted.length > 0) setFresh((before) => withArrived(before, wanted, isOnTop.current))
  }, [])
  const catchUp = useCallback(async () => {
    const { filters } = latest.current
    const variables = { first: HEAD, after: null, where: whereOf(filters) }
    const source = client.query(ConsoleSecurityEventsDocument, variables, {
      requestPolicy: 'network-only',
    })
    const { data } = await source.toPromise()
    const head = data?.securityEvents
    if (!head) return
    const events = head.edges.map(({ node }) => node)
    const { knownIds, fresh: known, onGap } = latest.current
    const freshIds = new Set([...known.shown, ...known.waiting].map(({ id }) => id))
    const isJoined = events.some(({ id }) => knownIds.current.has(id) || freshIds.has(id))
    if (!isJoined && head.pageInfo.hasNextPage) onGap()
    else take(events)
  }, [client, take])
  const { listen } = options.feed
  useEffect(
    () => listen({ event: (event) => take([event]), reread: () => void catchUp() }),
    [listen, take, catchUp],
  )
  const isOverfull = fresh.shown.length > MOST_FRESH
  useEffect(() => {
    if (isOverfull) latest.current.onGap()
  }, [isOverfull])
  const show = useCallback(() => setFresh(allShown), [])
  return [fresh, show]
}

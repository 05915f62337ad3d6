import { useCallback, useEffect, useRef } from 'react'
import {
  ConsoleSecurityEventHappenedDocument,
  type ConsoleSecurityEventHappenedSubscription,
} from '../../gql/documents.ts'
import { follow } from '../../live/follow.ts'
import type { SecurityEvent } from './security-event.ts'

/** Who wants to hear of events. */
export type FeedListener = {
  event: (event: SecurityEvent) => void
  /** Some may have been missed: what is shown must be compared with the platform. */
  reread: () => void
}

/** The page's one stream of events, for all its parts. */
export type SecurityFeed = {
  /** @returns how to stop hearing */
  listen: (listener: FeedListener) => () => void
}

type Listeners = ReadonlySet<FeedListener>

function followEvents(listeners: Listeners): () => void {
  const sink = {
    event({ securityEventHappened: event }: ConsoleSecurityEventHappenedSubscription) {
      if (event) for (const listener of listeners) listener.event(event)
    },
    reread() {
      for (const { reread } of listeners) reread()
    },
  }
  return follow(ConsoleSecurityEventHappenedDocument, {}, sink)
}

/** Follows security events for as long as the page is open. */
export function useSecurityFeed(): SecurityFeed {
  const listeners = useRef(new Set<FeedListener>())
  useEffect(() => followEvents(listeners.current), [])
  const listen = useCallback((listener: FeedListener) => {
    listeners.current.add(listener)
    return () => void listeners.current.delete(listener)
  }, [])
  return { listen }
}

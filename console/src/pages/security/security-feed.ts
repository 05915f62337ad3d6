import { useCallback, useEffect, useRef, useState } from 'react'
import {
  ConsoleSecurityEventHappenedDocument,
  type ConsoleSecurityEventHappenedSubscription,
} from '../../gql/documents.ts'
import { type FeedEnd, follow } from '../../live/follow.ts'
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
  /** Why it does not go on by itself any more. */
  end: FeedEnd | null
  startAgain: () => void
}

type Listeners = ReadonlySet<FeedListener>

function followEvents(listeners: Listeners, onEnd: (end: FeedEnd) => void): () => void {
  const sink = {
    event({ securityEventHappened: event }: ConsoleSecurityEventHappenedSubscription) {
      if (event) for (const listener of listeners) listener.event(event)
    },
    reread() {
      for (const { reread } of listeners) reread()
    },
    ended: onEnd,
  }
  return follow(ConsoleSecurityEventHappenedDocument, {}, sink)
}

/** Follows security events for as long as the page is open. */
export function useSecurityFeed(): SecurityFeed {
  const listeners = useRef(new Set<FeedListener>())
  const [end, setEnd] = useState<FeedEnd | null>(null)
  const [turn, setTurn] = useState(0)
  // Each turn opens the stream anew.
  useEffect(() => followEvents(listeners.current, setEnd), [turn])
  const listen = useCallback((listener: FeedListener) => {
    listeners.current.add(listener)
    return () => void listeners.current.delete(listener)
  }, [])
  const startAgain = useCallback(() => {
    setEnd(null)
    setTurn((before) => before + 1)
  }, [])
  return { listen, end, startAgain }
}

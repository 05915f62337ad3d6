import { useInterval } from '@mantine/hooks'
import { useEffect, useMemo, useState } from 'react'
import { type Problem, problemIn } from '../../api/problem.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { ConsoleSecurityCountsDocument } from '../../gql/documents.ts'
import { useReadSoon } from '../../live/use-read-soon.ts'
import type { SecurityFeed } from './security-feed.ts'

/** How many events of a type there are. */
export type TypeCount = { type: string; count: number }

export type EventCounts = {
  /** Of the last day, most first; null until they are read. */
  lastDay: readonly TypeCount[] | null
  /** Of all that is kept, most first. */
  allTime: readonly TypeCount[]
  problem: Problem | null
  reload: () => void
}

const DAY_MS = 86_400_000
/** The day begins at a full step, so that reading again within one asks the same question. */
const STEP_MS = 300_000
/** Events come in bursts: counted once after each. */
const CALM_MS = 1_500

const dayAgo = () => new Date(Math.floor((Date.now() - DAY_MS) / STEP_MS) * STEP_MS).toISOString()

type Groups = readonly { group: Record<string, unknown>; count: number }[]

const toCounts = (groups: Groups): TypeCount[] =>
  groups.map(({ group, count }) => ({ type: String(group.eventType ?? ''), count }))

/** Counts of events by type, kept as they are while events come. */
export function useEventCounts({ listen }: SecurityFeed): EventCounts {
  const [since, setSince] = useState(dayAgo)
  const [last, setLast] = useState<Pick<EventCounts, 'lastDay' | 'allTime'> | null>(null)
  useInterval(() => setSince(dayAgo()), STEP_MS, { autoInvoke: true })
  const [{ data, error }, execute] = useAnswer({
    query: ConsoleSecurityCountsDocument,
    variables: { since },
  })
  const reload = () => execute({ requestPolicy: 'network-only' })
  const reloadSoon = useReadSoon(reload, { gatherMs: CALM_MS })
  useEffect(
    () => listen({ event: () => reloadSoon(), reread: () => reloadSoon() }),
    [...[listen, reloadSoon]],
  )
  const counts = useMemo(() => {
    if (!data?.lastDay || !data.allTime) return null
    return { lastDay: toCounts(data.lastDay), allTime: toCounts(data.allTime) }
  }, [data])
  // Between two days' beginnings the figures stay.
  useEffect(() => {
    if (counts) setLast(counts)
  }, [counts])
  const { lastDay = null, allTime = [] } = counts ?? last ?? {}
  return { lastDay, allTime, problem: error ? problemIn(error) : null, reload }
}

import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createManualClock } from '#kernel/clock.ts'
import type {
  FeedEvent,
  FeedRejected,
  FeedSource,
} from '#subgraphs/analytics/services/feeds/feed.ts'
import type { Sleep } from '#subgraphs/analytics/services/feeds/sleep.ts'

/** Real football data; it lies beside the repository, never in it. */
export function realFile(name: string): string {
  const path = resolve(import.meta.dirname, '../../../../../shared/data/football', name)
  if (!existsSync(path)) throw new Error(`This test needs the real data at ${path}.`)
  return path
}

/** A file with this content that goes away with the test. */
export async function temporaryFile(content: string | Buffer, name = 'feed.csv') {
  const folder = await mkdtemp(join(tmpdir(), 'feed-'))
  const path = join(folder, name)
  await writeFile(path, content)
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

type Taking = { readonly after?: number; readonly most?: number; readonly signal?: AbortSignal }

/** All events of a source, or the first `most`. */
export async function take(source: FeedSource, taking: Taking = {}): Promise<FeedEvent[]> {
  const { most = Number.POSITIVE_INFINITY, after = 0 } = taking
  const signal = taking.signal ?? new AbortController().signal
  const events: FeedEvent[] = []
  for await (const event of source.events({ signal, after })) {
    events.push(event)
    if (events.length >= most) break
  }
  return events
}

/** The events of one kind. */
export function ofKind<Kind extends FeedEvent['kind']>(events: readonly FeedEvent[], kind: Kind) {
  return events.filter((event): event is Extract<FeedEvent, { kind: Kind }> => event.kind === kind)
}

/** Rejections as "line:reason". */
export function faults(events: readonly FeedEvent[]): string[] {
  return ofKind(events, 'rejected').map(({ line, reason }: FeedRejected) => `${line}:${reason}`)
}

/** A clock that moves only when somebody sleeps, and what was slept. */
export function manualTime(start = new Date('2026-01-01T00:00:00Z')) {
  const clock = createManualClock(start)
  const slept: number[] = []
  const sleep: Sleep = async (milliseconds, signal) => {
    if (signal.aborted) return
    slept.push(milliseconds)
    clock.advance(milliseconds)
  }
  return { clock, sleep, slept }
}

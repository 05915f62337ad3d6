import type { Clock } from '#kernel/clock.ts'
import { analyticsError } from '../../errors.ts'
import type { FeedEvent, FeedSource } from './feed.ts'
import { LONGEST_SLEEP_MS, type Sleep } from './sleep.ts'
import { checkTimeline, createTimeline, type Timeline, type TimelineSettings } from './timeline.ts'

export type PaceDeps = { readonly clock: Clock; readonly sleep: Sleep }

/** Tells each event when its time has come; what is overdue is told at once, so a feed that was down catches up. */
export function paced(source: FeedSource, { clock, sleep }: PaceDeps): FeedSource {
  return {
    ...source,
    events: async function* (request) {
      for await (const event of source.events(request)) {
        while (event.at && !request.signal.aborted) {
          const waitMs = event.at.getTime() - clock.now().getTime()
          if (waitMs <= 0) break
          await sleep(Math.min(waitMs, LONGEST_SLEEP_MS), request.signal)
        }
        if (request.signal.aborted) return
        yield event
      }
    },
  }
}

/**
 * Moves a source to another time: idle time is cut, kick-offs move along, positions stay what they are. The first
 * instant of the source lands on `anchor`; keep the anchor with the position, and a resumed replay goes on exactly
 * where it was.
 * @throws FEED_SETTING_INVALID, also when gaps of an endless source are to be cut
 */
export function retimed(source: FeedSource, settings: TimelineSettings): FeedSource {
  checkTimeline(settings)
  if (source.isEndless && settings.maxGapMs !== null) {
    throw analyticsError('FEED_SETTING_INVALID', { setting: 'maxGapMs' })
  }
  return {
    ...source,
    timing: 'replayed',
    events: async function* (request) {
      const instants = await collectInstants(source, request.signal)
      if (request.signal.aborted) return
      const timeline = createTimeline(instants, settings)
      for await (const event of source.events(request)) yield moved(event, timeline)
    },
  }
}

export type ReplaySettings = TimelineSettings & PaceDeps

/** A source told again at a chosen speed: `retimed`, then `paced`. */
export function replay(
  source: FeedSource,
  { clock, sleep, ...timeline }: ReplaySettings,
): FeedSource {
  return paced(retimed(source, timeline), { clock, sleep })
}

/** Every instant of a source that ends; of an endless one only the first, which is all a map without cuts needs. */
async function collectInstants(source: FeedSource, signal: AbortSignal): Promise<Set<number>> {
  const instants = new Set<number>()
  for await (const event of source.events({ signal })) {
    if (event.at) instants.add(event.at.getTime())
    if (source.isEndless && event.at) break
    if (event.kind === 'fixture') instants.add(event.fixture.startsAt.getTime())
  }
  return instants
}

function moved(event: FeedEvent, timeline: Timeline): FeedEvent {
  if (event.at === null) return event
  const at = timeline(event.at)
  if (event.kind !== 'fixture') return { ...event, at }
  return { ...event, fixture: { ...event.fixture, startsAt: timeline(event.fixture.startsAt) }, at }
}

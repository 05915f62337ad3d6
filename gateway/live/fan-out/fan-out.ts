import type { Logger } from '#kernel/log.ts'
import { gatewayError } from '../../errors.ts'
import type { SupergraphService } from '../../supergraph.ts'
import { type ChannelsDeps, createChannels } from './channels.ts'
import { followSwaps, type Judge } from './follow-swaps.ts'
import { Reader, type ReaderWishes } from './reader.ts'
import type { SharedQuestion } from './shared-stream.ts'

/** What one subscriber asks, and how it reads. */
export type Following = ReaderWishes & {
  asked: SharedQuestion
  /** The last cursor that it saw, as it was given; null for what comes next. */
  resume: unknown
  judge: Judge
}

/** Brings the events of a few streams of subgraphs to many subscribers. */
export type FanOut = {
  /**
   * Begins to read, what the supergraph of that moment makes of the question: it may not be the one
   * that it was prepared with. @throws SUBSCRIPTION_NO_LONGER_VALID, or what planning refuses
   */
  follow: (following: Following) => Promise<Reader>
  close: () => void
}

export type FanOutDeps = ChannelsDeps & {
  supergraph: Pick<SupergraphService, 'onSwap' | 'current'>
  log: Logger
}

/** One stream for all who ask the same with the same rights (docs/adr/0033). */
export function createFanOut(deps: FanOutDeps): FanOut {
  const { supergraph } = deps
  const judges = new WeakMap<Reader, Judge>()
  const channels = createChannels(deps)
  const swaps = followSwaps({ ...deps, channels, judges })
  return {
    async follow({ asked, resume, judge, ...wishes }) {
      let settled = asked
      for (
        let loaded = supergraph.current();
        settled.version !== loaded.version;
        loaded = supergraph.current()
      ) {
        const verdict = await judge(loaded)
        if ('last' in verdict)
          throw verdict.last?.errors?.[0] ?? gatewayError('SUBSCRIPTION_NO_LONGER_VALID')
        settled = verdict
      }
      // At once: whoever is not yet among the readers is not judged when the supergraph is exchanged.
      const reader = new Reader(channels.spotFor(settled, resume), wishes)
      judges.set(reader, judge)
      return reader
    },
    close() {
      swaps.close()
      for (const stream of channels.all()) stream.close()
    },
  }
}

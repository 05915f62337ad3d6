import type { Logger } from '#kernel/log.ts'
import { abortable } from '../../transport/abortable.ts'

/** Plans one operation; false where the supergraph does not know what it asks. */
export type Ahead = () => Promise<boolean>

/** How long planning ahead may take, and what ends it before. */
export type AheadBounds = { mostMs: number; signal: AbortSignal; log: Logger }

type Outcome = 'planned' | 'dropped' | 'left'

async function outcomeOf(ahead: Ahead, over: AbortSignal, log: Logger): Promise<Outcome> {
  try {
    return (await abortable(ahead(), over)) ? 'planned' : 'dropped'
  } catch (failure) {
    if (over.aborted) return 'left'
    // Whoever asks it will hear why; the others go on, and so does the supergraph.
    log.warn({ err: failure }, 'an operation could not be planned ahead')
    return 'dropped'
  }
}

/**
 * Plans operations one after the other, before anybody asks for them, until all are planned or the
 * time is over. One at a time, so that whoever asks meanwhile waits for one of them at most.
 */
export async function planAhead(
  what: string,
  operations: readonly Ahead[],
  { mostMs, signal, log }: AheadBounds,
): Promise<void> {
  if (operations.length === 0 || mostMs === 0) return
  const over = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
  const began = performance.now()
  const outcomes = { planned: 0, dropped: 0, left: 0 }
  log.info({ what, operations: operations.length }, 'operations are planned ahead')
  for (const ahead of operations)
    outcomes[over.aborted ? 'left' : await outcomeOf(ahead, over, log)]++
  const tookMs = Math.round(performance.now() - began)
  log.info({ what, ...outcomes, tookMs }, 'operations were planned ahead')
}

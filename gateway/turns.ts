/** Lets operations begin in the gaps between the answers to those that have begun. */
export type Turns = {
  /** Waits for a gap, and no longer than a quarter of a second. */
  begin: () => Promise<void>
  /** A subgraph answered, or failed to: whoever asked goes on before others begin. */
  answered: () => void
  /** Operations that wait. */
  readonly waiting: number
}

/** So that what goes on for ever keeps nobody from beginning. */
const LONGEST_WAIT_MS = 250

type Waiting = { since: number; begin: () => void }

/**
 * Whatever has begun is brought to its end before more is begun (docs/adr/0040). A gap is a turn of the
 * event loop in which no answer came: then the first of those who wait begins, and while there are
 * none, nobody waits for more than the rest of the turn.
 */
export function createTurns(): Turns {
  const queue: Waiting[] = []
  let answers = 0
  let answersBefore = 0
  let isTurning = false

  const turn = () => {
    const isGap = answers === answersBefore
    answersBefore = answers
    if (isGap) queue.shift()?.begin()
    const longAgo = performance.now() - LONGEST_WAIT_MS
    while (queue[0] && queue[0].since < longAgo) queue.shift()?.begin()
    isTurning = queue.length > 0
    if (isTurning) setImmediate(turn)
  }

  return {
    begin() {
      const { promise, resolve } = Promise.withResolvers<void>()
      queue.push({ since: performance.now(), begin: resolve })
      if (!isTurning) setImmediate(turn)
      isTurning = true
      return promise
    },
    answered: () => {
      answers++
    },
    get waiting() {
      return queue.length
    },
  }
}

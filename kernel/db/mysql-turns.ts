import { connectionFailure } from './mysql-connection.ts'

/** How many requests may wait for a connection before more are refused. */
const QUEUE_LIMIT = 1_000

/** Turns, at most `limit` at a time, in order; each wait is bounded. */
export function createTurns(limit: number, timeoutMs: number) {
  let free = limit
  const waiting = new Set<{ grant: () => void; refuse: (failure: Error) => void }>()
  const take = (): Promise<void> | undefined => {
    if (free > 0) {
      free -= 1
      return undefined
    }
    if (waiting.size >= QUEUE_LIMIT) {
      throw connectionFailure('DATABASE_BUSY', 'too many wait for a connection to the database')
    }
    return new Promise((resolve, reject) => {
      const leave = (then: () => void) => {
        clearTimeout(timer)
        waiting.delete(turn)
        then()
      }
      const turn = {
        grant: () => leave(resolve),
        refuse: (failure: Error) => leave(() => reject(failure)),
      }
      const late = () =>
        turn.refuse(connectionFailure('ETIMEDOUT', 'no connection to the database became free'))
      const timer = setTimeout(late, timeoutMs)
      waiting.add(turn)
    })
  }
  return {
    take,
    give: () => {
      const [next] = waiting
      if (next) next.grant()
      else free += 1
    },
    refuseAll: (failure: Error) => {
      for (const turn of [...waiting]) turn.refuse(failure)
    },
  }
}

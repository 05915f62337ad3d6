/** Readers that are called in one go; whoever else waits for the event loop comes in between. */
const AT_ONCE = 512

type Called = { wake: () => void }

/** Calls many readers, each at least once after the last `announce`. */
export type Announcer = { announce: () => void }

/** Goes through the readers in portions; what is announced meanwhile starts another round. */
export function createAnnouncer(readers: ReadonlySet<Called>): Announcer {
  let isCalling = false
  let isAnnounced = false
  const call = (round: Iterator<Called>) => {
    for (let called = 0; called < AT_ONCE; called++) {
      const { done, value } = round.next()
      if (done) return end()
      value.wake()
    }
    setImmediate(call, round)
  }
  const begin = () => {
    isCalling = true
    isAnnounced = false
    call(readers.values())
  }
  const end = () => {
    isCalling = false
    if (isAnnounced) begin()
  }
  return {
    announce() {
      isAnnounced = true
      if (!isCalling) begin()
    },
  }
}

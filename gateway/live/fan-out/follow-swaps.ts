import { setImmediate as turn } from 'node:timers/promises'
import type { Logger } from '#kernel/log.ts'
import { primaryRequest } from '../../engine/subscribe.ts'
import { gatewayError } from '../../errors.ts'
import type { LoadedSupergraph, SupergraphService } from '../../supergraph.ts'
import { lastWord } from '../last-word.ts'
import type { Channels } from './channels.ts'
import type { Ending, Reader } from './reader.ts'
import type { SharedQuestion, SharedStream } from './shared-stream.ts'

/** What a subscriber asks by another version, or how it ends where it no longer may. */
export type Judge = (loaded: LoadedSupergraph) => Promise<SharedQuestion | Ending>

type Deps = {
  supergraph: Pick<SupergraphService, 'onSwap' | 'current'>
  channels: Channels
  judges: WeakMap<Reader, Judge>
  log: Logger
}

/** How a subscription ends that the supergraph no longer allows, or no longer knows. */
export const noLongerValid = (): Ending => ({
  last: lastWord(gatewayError('SUBSCRIPTION_NO_LONGER_VALID')),
})

/** Subscribers of a stream, and streams, that are judged between two looks at other work. */
const AT_ONCE = 100

/**
 * After each exchange of the supergraph every subscriber is judged anew: validated, filtered,
 * planned. A stream whose subscribers still ask its subgraph the same goes on as it is; the others
 * go on after the last event that they saw, in a stream of what they ask now. While a stream is
 * judged, nothing of it is told.
 */
export function followSwaps(deps: Deps): { close: () => void } {
  let queue: Promise<unknown> = Promise.resolve()
  // Beside each other: a policy that is slow to answer is waited for once, not by each after the other.
  const judge = (streams: readonly SharedStream[]) => {
    for (const stream of streams) stream.hold()
    for (const portion of portionsOf(streams))
      queue = queue.then(() => Promise.all(portion.map(rejudge))).then(() => turn())
  }
  const rejudge = async (stream: SharedStream) => {
    try {
      const isUnsettled = await moveReaders(deps, stream)
      if (isUnsettled) deps.channels.atNextEvent(stream, () => judge([stream]))
    } catch (failure) {
      deps.log.error({ err: failure }, 'a stream could not follow the supergraph')
      for (const reader of [...stream.readers]) reader.endWith(noLongerValid())
    } finally {
      stream.release()
    }
  }
  const close = deps.supergraph.onSwap(() => judge(deps.channels.all()))
  return { close }
}

function portionsOf<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / AT_ONCE)
  return Array.from({ length: count }, (_, at) => items.slice(at * AT_ONCE, (at + 1) * AT_ONCE))
}

type Moved = { asked: SharedQuestion; readers: Reader[] }

/** @returns whether readers stay who have to move once an event has come */
async function moveReaders({ channels, ...deps }: Deps, stream: SharedStream): Promise<boolean> {
  const verdicts = await latestVerdictsOn(stream, deps)
  const before = stream.asked()
  const [first, ...others] = verdicts
  if (!first) return false
  if (others.length === 0 && asksTheSame(before, first.asked)) {
    channels.rename(stream, first.asked)
    return false
  }
  let isUnsettled = false
  for (const { asked, readers } of verdicts) {
    for (const reader of readers) {
      const { cursor } = reader
      if (cursor !== null) reader.move(channels.spotFor(asked, cursor))
      // Before the first event nothing says where to go on. What it may see has not changed: it stays until then.
      else if (isFilteredAlike(before, asked)) isUnsettled = true
      else reader.endWith(noLongerValid())
    }
  }
  return isUnsettled
}

/** All by the version of this moment: where it was exchanged meanwhile, each is judged once more. */
async function latestVerdictsOn(
  stream: SharedStream,
  deps: Pick<Deps, 'supergraph' | 'judges'>,
): Promise<Moved[]> {
  for (;;) {
    const verdicts = await verdictsOn(stream, deps)
    const { version } = deps.supergraph.current()
    if (verdicts.every(({ asked }) => asked.version === version)) return verdicts
  }
}

/** Ends whoever may not go on, and sorts the others by what they ask now. */
async function verdictsOn(
  stream: SharedStream,
  { supergraph, judges }: Pick<Deps, 'supergraph' | 'judges'>,
): Promise<Moved[]> {
  const verdicts = new Map<string, Moved>()
  const judged = async (reader: Reader) => {
    const verdict = (await judges.get(reader)?.(supergraph.current())) ?? noLongerValid()
    return { reader, verdict }
  }
  for (const portion of portionsOf([...stream.readers])) {
    for (const { reader, verdict } of await Promise.all(portion.map(judged))) {
      if ('last' in verdict) reader.endWith(verdict)
      if (reader.isEnded || 'last' in verdict) continue
      const moved = verdicts.get(verdict.key) ?? { asked: verdict, readers: [] }
      verdicts.set(verdict.key, moved)
      moved.readers.push(reader)
    }
    if (portion.length === AT_ONCE) await turn()
  }
  return [...verdicts.values()]
}

function isFilteredAlike({ question: one }: SharedQuestion, { question: other }: SharedQuestion) {
  return one.operation.documentHash === other.operation.documentHash
}

/** The same subgraph, the same words, in the same name. */
function asksTheSame(one: SharedQuestion, other: SharedQuestion): boolean {
  const primaryOf = ({ question, asker }: SharedQuestion) =>
    JSON.stringify([asker, primaryRequest(question, null)])
  return primaryOf(one) === primaryOf(other)
}

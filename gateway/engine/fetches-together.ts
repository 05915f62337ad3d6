import type { FetchNode } from '@apollo/query-planner'
import { answersOfGroups, keyOfGroup } from './entity-groups.ts'
import type { SubgraphAnswer } from './execute-plan.ts'
import { isMergeable, mergedFetchOf, variableOf } from './merged-fetch.ts'
import type { NodeObserver } from './observer.ts'

/** Whoever looks at a fetch; of several that travel together, at the first. */
type Looking = NodeObserver | undefined

/** Asks a subgraph for entities; representations are JSON, by the variable in which they go. */
export type Ask = (
  fetch: FetchNode,
  representations: Readonly<Record<string, string>>,
  observer: Looking,
) => Promise<SubgraphAnswer>

/** Asks for entities: what is asked of one subgraph at the same moment travels in one request. */
export type AskTogether = (
  fetch: FetchNode,
  representations: string,
  observer: Looking,
) => Promise<SubgraphAnswer>

/** What may not travel together gets another text; by default all of a subgraph may. */
export type GroupOf = (fetch: FetchNode) => string

type Passenger = {
  fetch: FetchNode
  representations: string
  observer: Looking
  settle: PromiseWithResolvers<SubgraphAnswer>
}

/**
 * One for each execution of a plan. The fetches of a moment are those that are ready when everything that
 * the answers of one turn of the event loop set in motion has come to rest.
 */
export function createTogether(ask: Ask, groupOf: GroupOf): AskTogether {
  const waiting = new Map<string, Passenger[]>()

  const leave = () => {
    const groups = [...waiting.values()]
    waiting.clear()
    for (const group of groups) depart(group, ask)
  }
  return (fetch, representations, observer) => {
    if (!isMergeable(fetch)) return ask(fetch, { representations }, observer)
    const settle = Promise.withResolvers<SubgraphAnswer>()
    const passenger = { fetch, representations, observer, settle }
    // After all that came in this turn of the event loop, so that what follows from it is there too.
    if (waiting.size === 0) setImmediate(leave)
    const key = `${fetch.serviceName} ${groupOf(fetch)}`
    const group = waiting.get(key)
    if (group) group.push(passenger)
    else waiting.set(key, [passenger])
    return settle.promise
  }
}

function depart(group: readonly Passenger[], ask: Ask): void {
  // What is thrown here, on its own turn, would reach nobody.
  const askAlone = ({ fetch, representations, observer, settle }: Passenger) => {
    try {
      settle.resolve(ask(fetch, { representations }, observer))
    } catch (failure) {
      settle.reject(failure)
    }
  }
  if (group.length === 1) {
    group.forEach(askAlone)
    return
  }
  askAll(group, ask)
    .then((answer) => {
      // Where one of them makes all of the answer null, each gets what it would have got alone.
      if (!answer.data) return group.forEach(askAlone)
      const keys = group.map((_passenger, part) => keyOfGroup(part))
      for (const [part, own] of answersOfGroups(answer, keys).entries())
        group[part]?.settle.resolve(own)
    })
    .catch((failure: unknown) => {
      for (const { settle } of group) settle.reject(failure)
    })
}

async function askAll(group: readonly Passenger[], ask: Ask): Promise<SubgraphAnswer> {
  const fetch = mergedFetchOf(group.map((passenger) => passenger.fetch))
  const representations = group.map((passenger, part) => [
    variableOf(part),
    passenger.representations,
  ])
  return ask(fetch, Object.fromEntries(representations), group[0]?.observer)
}

import { SUBGRAPH_NAMES, type SubgraphName } from '#kernel/auth/service-names.ts'
import { createLoop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import type { SubgraphState } from './readiness.ts'
import { isRecord } from './transport/answer.ts'

export type SubgraphHealthDeps = {
  /** Base URLs. */
  urls: Readonly<Record<SubgraphName, string>>
  /** The version of each subgraph's schema that the supergraph was made of. */
  schemas: Readonly<Record<SubgraphName, string>>
  fetch: SubgraphFetch
  log: Logger
}

/** What is seen of the subgraphs, looked at again and again. */
export type SubgraphHealth = {
  current: () => Readonly<Record<string, SubgraphState>>
  close: () => Promise<void>
}

const LOOK_MS = 2_000
/** Longer than a subgraph takes to find that its database hangs: its word says more than a time-out. */
const ANSWER_MS = 4_000
const LONGEST_ANSWER = 16_384
const REASON = /^[\w ]{1,64}$/

const notReady = (reason: string): SubgraphState => ({ isReady: false, reason })

const reasonIn = (answer: Readonly<Record<string, unknown>>) =>
  typeof answer.reason === 'string' && REASON.test(answer.reason) ? answer.reason : null

/** Null: whoever answers is no subgraph. */
function parsed(text: string): Readonly<Record<string, unknown>> | null {
  if (text.length > LONGEST_ANSWER) return null
  try {
    const answer: unknown = JSON.parse(text)
    return isRecord(answer) ? answer : null
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}

/** What a subgraph says of itself, which is believed no further than its form. */
function stateOf(status: number, text: string, schema: string): SubgraphState {
  const answer = parsed(text)
  if (status !== 200) return notReady((answer && reasonIn(answer)) ?? `status ${status}`)
  if (!answer) return notReady('ANSWER_INVALID')
  // It serves all the same: while a version replaces another, both are there.
  if (answer.schema !== schema) return { isReady: true, reason: 'SCHEMA_DIFFERS' }
  return { isReady: true, reason: reasonIn(answer) }
}

async function look(deps: SubgraphHealthDeps, name: SubgraphName): Promise<SubgraphState> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  try {
    const answer = await deps.fetch(new Request(`${deps.urls[name]}/ready`, { signal }))
    return stateOf(answer.status, await answer.text(), deps.schemas[name])
  } catch (failure) {
    deps.log.debug({ err: failure, subgraph: name }, 'a subgraph was not reached')
    return notReady(signal.aborted ? 'TIMEOUT' : 'UNREACHABLE')
  }
}

/** Looks at every subgraph each two seconds, and logs what changed. */
export function startSubgraphHealth(deps: SubgraphHealthDeps): SubgraphHealth {
  const states = new Map<SubgraphName, SubgraphState>(
    SUBGRAPH_NAMES.map((name) => [name, notReady('UNKNOWN')]),
  )
  const see = (name: SubgraphName, state: SubgraphState) => {
    const { isReady, reason } = states.get(name) ?? state
    states.set(name, state)
    if (isReady === state.isReady && reason === state.reason) return
    const told = { subgraph: name, reason: state.reason }
    if (!state.isReady) deps.log.warn(told, 'a subgraph is not ready')
    else if (state.reason !== null) deps.log.warn(told, 'a subgraph is ready, with a reservation')
    else deps.log.info(told, 'a subgraph is ready')
  }
  const round = async () => {
    await Promise.all(SUBGRAPH_NAMES.map(async (name) => see(name, await look(deps, name))))
  }
  const loop = createLoop({
    ...{ name: 'health of subgraphs', round, pauseMilliseconds: LOOK_MS },
    log: deps.log,
  })
  loop.start()
  return { current: () => Object.fromEntries(states), close: loop.stop }
}

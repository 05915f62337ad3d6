import type { SubgraphAnswer } from '#gateway/engine/execute-plan.ts'
import type { StreamSubgraph } from '#gateway/engine/subscribe.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { FEDERATION, type SubgraphSource } from '../engine/federated-world.ts'

const EVERYONE = '@shares(by: "everyone")'

/** A subgraph whose streams are of every kind of sharing. */
export const desk: SubgraphSource = {
  sdl: `
    extend schema
      @link(url: "${FEDERATION}", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@composeDirective"])
      @link(url: "https://dbsbm.dev/shares/v1.0", import: ["@shares"])
      @composeDirective(name: "@shares")
    directive @shares(by: String!) on OBJECT | FIELD_DEFINITION
    type Query { nothing: Int }
    type Subscription {
      moved(of: ID): Price ${EVERYONE}
      guarded: Price ${EVERYONE} @requiresScopes(scopes: [["odds:read"]])
      handled: Price @shares(by: "tenant")
      mine: Price
    }
    type Price {
      id: ID! ${EVERYONE}
      odds: Int ${EVERYONE}
      by: String ${EVERYONE}
      secret: String ${EVERYONE} @requiresScopes(scopes: [["odds:secret"]])
      handle: String @shares(by: "tenant")
      stake: String
    }
  `,
  resolvers: { Query: { nothing: () => 0 } },
}

export const cursorOf = (at: number) => `c${at}`

type Happened = { id: string; odds: number }

/** The feed behind the streams: what happens, and who listens in whose name. */
export function createProducer({ isOfStates = false } = {}) {
  const log: Happened[] = []
  const listeners = new Set<{ wake: () => void; fail: (failure: Error) => void; viewer: Viewer }>()
  const opened: { viewer: Viewer; resume: unknown; query: string }[] = []
  let mostListeners = 0

  const answer = (at: number, viewer: Viewer, root: string): SubgraphAnswer => {
    const happened = log[at - 1] ?? { id: '', odds: 0 }
    const { kind, userId, reach, scopes } = viewer
    const stamp = JSON.stringify({ kind, userId, reach, scopes })
    const told = { by: stamp, secret: stamp, handle: stamp, stake: stamp }
    return {
      data: { [root]: { ...happened, ...told } },
      extensions: { cursor: cursorOf(at), ...(isOfStates ? { state: happened.id } : {}) },
    }
  }
  async function* stream(
    viewer: Viewer,
    ...[_name, { query, extensions }, signal]: Parameters<StreamSubgraph>
  ): AsyncGenerator<SubgraphAnswer> {
    const resume = extensions?.resume
    opened.push({ viewer, resume: resume ?? null, query })
    let at = resume === undefined ? log.length : Number(String(resume).slice(1))
    const root = /\{\s*(\w+)/.exec(query.slice(query.indexOf('{')))?.[1] ?? ''
    let failure: Error | null = null
    let wake = () => {}
    const listener = {
      viewer,
      wake: () => wake(),
      fail: (cause: Error) => {
        failure = cause
        wake()
      },
    }
    listeners.add(listener)
    mostListeners = Math.max(mostListeners, listeners.size)
    signal.addEventListener('abort', listener.wake)
    try {
      while (!signal.aborted) {
        if (failure) throw failure
        if (at < log.length) yield answer(++at, viewer, root)
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      listeners.delete(listener)
    }
  }
  return {
    ...{ log, listeners, opened, stream },
    mostListeners: () => mostListeners,
    happen(id: string, odds = 0) {
      log.push({ id, odds })
      for (const { wake } of listeners) wake()
    },
    /** Breaks every stream that is open. */
    cut(failure: Error) {
      for (const { fail } of [...listeners]) fail(failure)
    },
  }
}

export type Producer = ReturnType<typeof createProducer>

const opening = new Set<Promise<unknown>>()

/** Notes what is planned in a process of its own: nothing comes to rest before. */
export function underWay<Work>(work: Promise<Work>): Promise<Work> {
  opening.add(work)
  const done = () => opening.delete(work)
  work.then(done, done)
  return work
}

/** Lets everything that is under way come to rest. */
export async function settle(turns = 60): Promise<void> {
  await Promise.allSettled(opening)
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
}

import type { AskWhole } from './asking.ts'
import type { RootField } from './documents.ts'
import type { Makers } from './maker.ts'
import { demoQuestions, MOST_USED } from './most-used.ts'
import { requestsOf, runClosed, runPaced, type Send, type Turn } from './turns.ts'
import type { World } from './world.ts'

/** An operation and what its turn showed. */
export type Measured = RootField & Turn

/** The same in a closed loop. */
export type MeasuredClosed = { name: string; perSecond: number } & Turn

export type Run = {
  world: World
  makers: Makers
  askWhole: AskWhole
  clients: number
  /** Of the measured part of one turn. */
  seconds: number
  /** Resolves when the cluster does little, or after a while. */
  untilQuiet: () => Promise<void>
  say: (line: string) => void
}

const WARM_UP_SECONDS = 2
/** Each client asks once in five seconds. */
const PER_SECOND = 10
const WARM_UP_CLOSED = 0.5

/** Requests of one turn, the warm-up's too, at the usual pace. */
export const usualRequests = (seconds: number): number =>
  requestsOf({ perSecond: PER_SECOND, seconds: seconds + WARM_UP_SECONDS }) + 1

const nothing = (failure: unknown): Turn => ({
  times: [],
  failures: new Map([[String(failure).slice(0, 200), 1]]),
})

/** Prepares, warms up and measures one operation. */
async function runTurn(run: Run, { name }: RootField): Promise<Turn> {
  const { world, makers, clients, seconds } = run
  const maker = makers[name]
  if (!maker) throw new Error(`nobody makes ${name}`)
  const send: Send = async () => world.ask(name, maker.ask(), maker.select)
  const warmUp = { perSecond: PER_SECOND, seconds: WARM_UP_SECONDS }
  const pace = { perSecond: PER_SECOND, seconds }
  await world.keepSignedIn()
  await maker.prepare?.(requestsOf(warmUp) + requestsOf(pace))
  await run.untilQuiet()
  const before = await runPaced(send, { ...warmUp, clients })
  const { times, failures } = await runPaced(send, { ...pace, clients })
  return { times, failures: new Map([...before.failures, ...failures]) }
}

/** What could not even be prepared has failed like what was refused; the others have their turns. */
export async function runAll(run: Run, roots: readonly RootField[]): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const root of roots) {
    const turn = await runTurn(run, root).catch(nothing)
    const failed = [...turn.failures].map(([code, count]) => `, ${code} × ${count}`).join('')
    run.say(
      `${root.name}: p99 ${turn.times.at(Math.floor(turn.times.length * 0.99))?.toFixed(1)}${failed}`,
    )
    measured.push({ ...root, ...turn })
  }
  return measured
}

/** The most used operations, each by itself. */
export async function runMostUsed(run: Run): Promise<MeasuredClosed[]> {
  const { world, makers, askWhole, clients, seconds } = run
  const demo = demoQuestions(world).map(({ name, document, by }) => ({
    name: `demo query ${name}`,
    send: () => askWhole(document, by()),
  }))
  const roots = MOST_USED.map((name) => ({
    name,
    send: async () =>
      world.ask(name, makers[name]?.ask() ?? { by: null, variables: {} }, makers[name]?.select),
  }))
  const measured: MeasuredClosed[] = []
  for (const { name, send } of [...demo, ...roots]) {
    await world.keepSignedIn()
    await run.untilQuiet()
    const before = await runClosed(send, { clients, seconds: WARM_UP_CLOSED })
    const turn = await runClosed(send, { clients, seconds })
    run.say(`${name}, closed loop: ${turn.perSecond} a second`)
    measured.push({ name, ...turn, failures: new Map([...before.failures, ...turn.failures]) })
  }
  return measured
}

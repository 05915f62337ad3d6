import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, test } from 'vitest'
import { createPlanCache } from '#gateway/engine/plan-cache.ts'
import { createPlanner } from '#gateway/engine/planning/planner.ts'
import {
  createPlannerProcesses,
  type PlannerProcessesOptions,
} from '#gateway/engine/planning/planner-processes.ts'
import type { PlanningSettings } from '#gateway/engine/planning/planning-settings.ts'
import { defaultSettings } from '#gateway/settings.ts'
import { BRANCHING_QUERY, explodingQuery, explodingSubgraphs } from '../../kit/exploding-world.ts'
import { plannersOf } from '../../kit/planner-processes.ts'
import { composeSdl, LINK, silentLog } from './federated-world.ts'

const SUBGRAPHS = explodingSubgraphs().map(
  ({ name, typeDefs }) => [name, { sdl: LINK + typeDefs }] as const,
)
const SDL = composeSdl(Object.fromEntries(SUBGRAPHS))
const DEADLINE_MS = 500
/** Less than such a plan takes, more than a machine at work stalls a process. */
const LONGEST_STALL_MS = 1_200

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const operationOf = (text: string) => ({ text, operationName: null, documentHash: text })
const cheap = (name: string) => operationOf(`{ ${name}: north }`)
const isCoded = (code: string) => expect.objectContaining({ code })

type Opened = { settings?: Partial<PlanningSettings>; processes?: PlannerProcessesOptions }

async function openPlanning({ settings = {}, processes: options = {} }: Opened = {}) {
  const processes = createPlannerProcesses(options)
  cleanups.push(processes.close)
  const planning = { ...defaultSettings.planning, deadlineMs: DEADLINE_MS, ...settings }
  const version = 'version-1'
  const planner = createPlanner({
    version,
    sdl: SDL,
    processes,
    settings: planning,
    log: silentLog,
  })
  await planner.ready
  const plans = createPlanCache({ planner, refusedMs: planning.refusedMs })
  return { planner, plans, processes }
}

describe('a plan', () => {
  test('is made by the process once for all who ask, and known afterwards', async () => {
    const { plans } = await openPlanning()
    const made = await Promise.all(Array.from({ length: 10 }, () => plans.planOf(cheap('a'))))
    expect(new Set(made).size).toBe(1)
    expect(made[0]).toMatchObject({
      kind: 'QueryPlan',
      node: { kind: 'Fetch', serviceName: 'north', operation: '{a:north}' },
    })
    expect(plans.planOf(cheap('a'))).toBe(made[0])
    expect(plans).toMatchObject({ asked: 1, size: 1 })
  })

  test('is refused when it is larger than allowed, without another try', async () => {
    const { plans } = await openPlanning({ settings: { planCharacters: 200 } })
    const large = operationOf('{ north east south west }')
    await expect(plans.planOf(large)).rejects.toThrow(isCoded('PLAN_TOO_LARGE'))
    await expect(plans.planOf(large)).rejects.toThrow(isCoded('PLAN_TOO_LARGE'))
    expect(plans.asked).toBe(1)
    await expect(plans.planOf(cheap('a'))).resolves.toBeDefined()
  })

  test('is refused where there are too many ways to a field', async () => {
    const { plans, processes } = await openPlanning({ settings: { deadlineMs: 30_000 } })
    const refused = plans.planOf(operationOf(BRANCHING_QUERY))
    await expect(refused).rejects.toMatchObject({
      code: 'OPERATION_NOT_PLANNABLE',
      cause: { message: expect.stringContaining('Too many options') },
    })
    expect(processes.size).toBe(1)
  })
})

describe('what nobody waits for', () => {
  test('is planned while the planner has nothing else to do, and known afterwards', async () => {
    const { plans } = await openPlanning()
    const waited = plans.planOf(cheap('a'))
    expect(plans.planIdly(cheap('b'))).toBeNull()
    await waited
    await plans.planIdly(cheap('b'))
    expect(plans.known(cheap('b'))).toMatchObject({ kind: 'QueryPlan' })
    expect(plans.asked).toBe(2)
  })

  test('is not tried again for a while where it failed', async () => {
    const { plans } = await openPlanning()
    const unknown = operationOf('{ nobody }')
    await expect(plans.planIdly(unknown)).rejects.toThrow(isCoded('OPERATION_NOT_PLANNABLE'))
    expect(plans.planIdly(unknown)).toBeNull()
    expect(plans.known(unknown)).toBeNull()
    expect(plans.asked).toBe(1)
    // Whoever waits for it is told why.
    await expect(plans.planOf(unknown)).rejects.toThrow(isCoded('OPERATION_NOT_PLANNABLE'))
  })
})

describe('an operation whose plan explodes', () => {
  test('is refused at its deadline while this one goes on; who waited is planned after it', async () => {
    const { plans } = await openPlanning()
    const delays = monitorEventLoopDelay({ resolution: 10 })
    const began = performance.now()
    delays.enable()
    const hostile = plans.planOf(operationOf(explodingQuery()))
    const waiting = Array.from({ length: 20 }, (_, place) => plans.planOf(cheap(`n${place}`)))
    await expect(hostile).rejects.toThrow(isCoded('PLANNING_TIMEOUT'))
    const refusedAfterMs = performance.now() - began
    const planned = await Promise.all(waiting)
    delays.disable()
    expect(planned.map(({ kind }) => kind)).toEqual(waiting.map(() => 'QueryPlan'))
    expect(refusedAfterMs).toBeGreaterThanOrEqual(DEADLINE_MS - 1)
    expect(refusedAfterMs).toBeLessThan(DEADLINE_MS + 2_000)
    expect(delays.max / 1e6).toBeLessThan(LONGEST_STALL_MS)
  })

  test('is remembered for a while, so that it costs one process', async () => {
    const { plans, processes } = await openPlanning({ settings: { refusedMs: 2_000 } })
    const hostile = operationOf(explodingQuery())
    await expect(plans.planOf(hostile)).rejects.toThrow(isCoded('PLANNING_TIMEOUT'))
    for (let again = 0; again < 50; again++)
      await expect(plans.planOf(hostile)).rejects.toThrow(isCoded('PLANNING_TIMEOUT'))
    expect(plans.asked).toBe(1)
    await plans.planOf(cheap('a'))
    expect(processes.size).toBe(1)
  })

  test('that takes more memory than a process has is refused the same way', async () => {
    const { plans } = await openPlanning({
      processes: { heapMb: 64 },
      settings: { deadlineMs: 30_000 },
    })
    const waiting = [plans.planOf(operationOf(explodingQuery())), plans.planOf(cheap('a'))]
    const [hostile, other] = await Promise.allSettled(waiting)
    expect(hostile).toMatchObject({
      reason: {
        code: 'PLANNING_TIMEOUT',
        cause: { cause: { message: expect.stringContaining('heap out of memory') } },
      },
    })
    expect(other).toMatchObject({ status: 'fulfilled' })
  })

  test('lets only so many wait', async () => {
    const { plans } = await openPlanning({ settings: { mostWaiting: 3 } })
    const hostile = plans.planOf(operationOf(explodingQuery()))
    const refused = expect(hostile).rejects.toThrow(isCoded('PLANNING_TIMEOUT'))
    await new Promise(setImmediate)
    const waiting = ['a', 'b', 'c'].map((name) => plans.planOf(cheap(name)))
    await expect(plans.planOf(cheap('d'))).rejects.toThrow(isCoded('PLANNING_OVERLOADED'))
    await Promise.all([refused, ...waiting])
    await expect(plans.planOf(cheap('d'))).resolves.toBeDefined()
  })
})

describe('processes', () => {
  const killAll = () => {
    const pids = plannersOf(process.pid)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    return pids.length
  }

  test('one that somebody ends is replaced, and what it planned is planned by the next', async () => {
    const { plans } = await openPlanning({ settings: { deadlineMs: 30_000 } })
    const slow = plans.planOf(operationOf(explodingQuery('s', 20)))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(killAll()).toBeGreaterThan(0)
    await expect(slow).resolves.toMatchObject({ kind: 'QueryPlan' })
    // Nobody has noticed yet when this is asked.
    expect(killAll()).toBeGreaterThan(0)
    await expect(plans.planOf(cheap('a'))).resolves.toMatchObject({ kind: 'QueryPlan' })
  }, 60_000)

  test('end when the process that asks them is gone', async () => {
    const program = new URL('./planning-orphan.ts', import.meta.url).pathname
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    const { pid = 0 } = parent
    const planners = plannersOf(pid)
    expect(planners).toHaveLength(1)
    process.kill(pid, 'SIGKILL')
    await once(parent, 'exit')
    const isGone = () => !readdirSync('/proc').includes(String(planners[0]))
    await expect.poll(isGone, { timeout: 10_000 }).toBe(true)
  }, 60_000)

  test('one that is lost is replaced by one, whenever the next operation comes', async () => {
    const { planner, processes } = await openPlanning({ settings: { deadlineMs: 100 } })
    for (let moments = 0; moments <= 8; moments++) {
      const refused = planner.plan({ text: explodingQuery(), operationName: null })
      await refused.catch(() => undefined)
      for (let moment = 0; moment < moments; moment++) await Promise.resolve()
      await planner.plan(cheap('a')).catch(() => undefined)
      await expect.poll(() => processes.size, { message: `after ${moments} moments` }).toBe(1)
    }
  }, 60_000)

  test('are handed on from version to version, none is left over', async () => {
    const processes = createPlannerProcesses({ idleMs: 50 })
    cleanups.push(processes.close)
    const settings = defaultSettings.planning
    const open = (version: string) =>
      createPlanner({ version, sdl: SDL, processes, settings, log: silentLog })
    let current = open('0')
    const sizes = new Set<number>()
    for (let swap = 1; swap <= 12; swap++) {
      const next = open(String(swap))
      await next.ready
      sizes.add(processes.size)
      current.release()
      current = next
      await current.plan(cheap('a'))
    }
    expect(Math.max(...sizes)).toBe(2)
    current.release()
    await expect.poll(() => processes.size).toBe(0)
  })

  test('one that was let go is taken again for whoever still asks', async () => {
    const { planner, processes } = await openPlanning({ processes: { idleMs: 1 } })
    planner.release()
    await expect.poll(() => processes.size).toBe(0)
    const made = await Promise.all(['a', 'b'].map((name) => planner.plan(cheap(name))))
    expect(made.map(({ plan }) => plan.kind)).toEqual(['QueryPlan', 'QueryPlan'])
    await expect.poll(() => processes.size).toBe(0)
  })

  test('an idle one that holds the version already need not read it again', async () => {
    const { planner, processes } = await openPlanning()
    planner.release()
    await new Promise(setImmediate)
    const settings = { ...defaultSettings.planning, loadMs: 0 }
    const again = createPlanner({
      ...{ version: 'version-1', sdl: SDL, processes, settings, log: silentLog },
    })
    await expect(again.ready).resolves.toBeUndefined()
    expect(processes.size).toBe(1)
  })

  test('a supergraph that cannot be read in time, or at all, is refused', async () => {
    const { processes } = await openPlanning()
    const base = { processes, log: silentLog, settings: defaultSettings.planning }
    const unreadable = createPlanner({ ...base, version: 'other', sdl: 'type Query {' })
    await expect(unreadable.ready).rejects.toThrow(isCoded('SUPERGRAPH_INVALID'))
    const settings = { ...base.settings, loadMs: 1 }
    const late = createPlanner({ ...base, version: 'late', sdl: SDL, settings })
    await expect(late.ready).rejects.toMatchObject({ name: 'PlannerProcessLost' })
    await expect(late.plan(cheap('a'))).rejects.toThrow(isCoded('PLANNING_OVERLOADED'))
  })

  test('refuse work once they are closed', async () => {
    const { plans, processes } = await openPlanning()
    const hostile = plans.planOf(operationOf(explodingQuery()))
    const refused = expect(hostile).rejects.toThrow(isCoded('PLANNING_OVERLOADED'))
    await new Promise(setImmediate)
    await processes.close()
    await refused
    expect(processes.size).toBe(0)
    await expect(plans.planOf(cheap('a'))).rejects.toThrow(isCoded('PLANNING_OVERLOADED'))
  })
})

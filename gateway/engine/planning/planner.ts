import type { QueryPlan } from '@apollo/query-planner'
import { type DomainError, isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { gatewayError } from '../../errors.ts'
import type { PlannableOperation, PlannerAnswer } from './planner-messages.ts'
import type { PlannerProcesses } from './planner-processes.ts'
import type { PlanningSettings } from './planning-settings.ts'
import { type PlannerProcess, PlannerProcessLost } from './start-planner-process.ts'

/** A plan, and its size as text. */
export type MadePlan = { plan: QueryPlan; characters: number }

/** Plans operations of one version of a supergraph, in a process of its own. */
export type Planner = {
  /** The version was read. @throws SUPERGRAPH_INVALID */
  ready: Promise<void>
  /** @throws OPERATION_NOT_PLANNABLE, PLAN_TOO_LARGE, PLANNING_TIMEOUT or PLANNING_OVERLOADED */
  plan: (operation: PlannableOperation) => Promise<MadePlan>
  /** Lets go of the process as soon as nothing waits; what still comes takes one for as long. */
  release: () => void
}

/** What a planner is made of. */
export type PlannerDeps = {
  version: string
  /** With its access rules, as it was given. */
  sdl: string
  processes: PlannerProcesses
  settings: PlanningSettings
  log: Logger
}

type Waiting = PromiseWithResolvers<MadePlan> & {
  operation: PlannableOperation
  /** A process was lost while it planned this, and not clearly because of it. */
  isAskedAgain: boolean
}

/** The process of one version: taken and given the SDL when there is none, or none any more. */
function createHold({ version, sdl, processes, settings }: PlannerDeps) {
  let held: Promise<PlannerProcess> | null = null
  const load = async () => {
    const child = processes.take(version)
    if (child.version === version) return child
    child.version = null
    const answer = await child.ask({ kind: 'load', sdl }, settings.loadMs)
    if (answer.kind === 'refused') {
      processes.giveBack(child)
      throw gatewayError('SUPERGRAPH_INVALID', { reason: answer.reason })
    }
    child.version = version
    return child
  }
  const take = () => {
    const taking = load()
    held = taking
    taking.catch(() => {
      if (held === taking) held = null
    })
    return taking
  }
  return {
    async child(): Promise<PlannerProcess> {
      for (;;) {
        const holding = held ?? take()
        const child = await holding
        if (!child.isLost) return child
        // Whoever waited, too, takes the one that replaces it, and no other.
        if (held === holding) held = null
      }
    },
    letGo() {
      const letting = held
      held = null
      // One that could not be read was given back, or is lost.
      letting?.then(processes.giveBack, () => undefined)
    },
  }
}

function madeOf(answer: PlannerAnswer): MadePlan {
  if (answer.kind === 'planned')
    return { plan: JSON.parse(answer.plan) as QueryPlan, characters: answer.plan.length }
  const reason = answer.kind === 'refused' ? answer.reason : answer.kind
  const isTooLarge = answer.kind === 'refused' && answer.refusal === 'too large'
  const code = isTooLarge ? 'PLAN_TOO_LARGE' : 'OPERATION_NOT_PLANNABLE'
  throw gatewayError(code, {}, { cause: new Error(reason) })
}

function refusalOf(failure: unknown): DomainError {
  if (isDomainError(failure)) return failure
  const code = failure instanceof PlannerProcessLost ? 'PLANNING_TIMEOUT' : 'PLANNING_OVERLOADED'
  return gatewayError(code, {}, { cause: failure })
}

/** A process that somebody else ended is no reason to refuse what it was asked; twice is one. */
const isWorthAnother = (failure: unknown, { isAskedAgain }: Waiting) =>
  failure instanceof PlannerProcessLost && !failure.isOverasked && !isAskedAgain

/** Answers one after the other; what the process is lost over is refused, the next gets a new process. */
function createLine(deps: PlannerDeps, hold: ReturnType<typeof createHold>) {
  const { settings, log } = deps
  const waiting: Waiting[] = []
  const refuseAll = (cause: unknown) => {
    log.error({ err: cause }, 'there is no process that plans')
    const refusal = gatewayError('PLANNING_OVERLOADED', {}, { cause })
    for (const { reject } of waiting.splice(0)) reject(refusal)
  }
  const planNext = async (child: PlannerProcess) => {
    const next = waiting.shift()
    if (!next) return
    const { overrideLabels, planCharacters: mostCharacters } = settings
    const question = { ...next.operation, overrideLabels, mostCharacters }
    try {
      next.resolve(madeOf(await child.ask({ ...question, kind: 'plan' }, settings.deadlineMs)))
    } catch (failure) {
      if (failure instanceof PlannerProcessLost)
        log.warn({ err: failure, operation: next.operation.operationName }, 'planning was ended')
      if (!isWorthAnother(failure, next)) return next.reject(refusalOf(failure))
      waiting.unshift({ ...next, isAskedAgain: true })
    }
  }
  return {
    waiting,
    next: () => hold.child().then(planNext, refuseAll),
  }
}

/** Begins at once to read the supergraph, in a process. */
export function createPlanner(deps: PlannerDeps): Planner {
  const hold = createHold(deps)
  const { waiting, next } = createLine(deps, hold)
  let isRunning = false
  let isReleased = false
  const runAll = async () => {
    isRunning = true
    while (waiting.length > 0) await next()
    isRunning = false
    if (isReleased) return hold.letGo()
    // A process that was lost over the last of them is replaced before somebody waits for it.
    hold.child().catch((err: unknown) => deps.log.error({ err }, 'there is no process that plans'))
  }
  const ready = hold.child().then(() => undefined)
  // Whoever loads the version hears of it, unless it was refused for another reason before.
  ready.catch(() => undefined)
  return {
    ready,
    plan: (operation) => {
      if (waiting.length >= deps.settings.mostWaiting)
        return Promise.reject(gatewayError('PLANNING_OVERLOADED'))
      const entry = { ...Promise.withResolvers<MadePlan>(), operation, isAskedAgain: false }
      waiting.push(entry)
      if (!isRunning) void runAll()
      return entry.promise
    },
    release: () => {
      isReleased = true
      if (!isRunning) hold.letGo()
    },
  }
}

import type { Findings, Table } from '../report.ts'
import type { Measured, MeasuredClosed } from './run.ts'
import { figuresOf } from './turns.ts'

const GOAL_MS = 200
const SLOWEST = 10

export type Shown = {
  measured: readonly Measured[]
  closed: readonly MeasuredClosed[]
  clients: number
  seconds: number
  /** Operations that the goal leaves out, and why. */
  outside: Readonly<Record<string, string>>
}

type Row = Table['rows'][number]

const isWithin = (p99: number) => (p99 < GOAL_MS ? 'yes' : 'no')

const cells = (figures: ReturnType<typeof figuresOf>): Row => ({
  'p50 ms': figures.p50,
  'p99 ms': figures.p99,
  requests: figures.requests,
  failed: figures.failed,
})

type Judged = { name: string; p99: number; row: Row }

function judge(turn: Measured, outside: Shown['outside']): Judged {
  const figures = figuresOf(turn)
  const { name, kind } = turn
  const reason = outside[name]
  const verdict = reason === undefined ? isWithin(figures.p99) : `outside the goal: ${reason}`
  const row = { operation: name, kind, ...cells(figures), [`within ${GOAL_MS} ms`]: verdict }
  return { name, p99: figures.p99, row }
}

function summaryOf(counted: readonly Judged[]): string {
  const within = counted.filter(({ p99 }) => p99 < GOAL_MS).length
  const slowest = counted
    .toSorted((left, right) => right.p99 - left.p99)
    .slice(0, SLOWEST)
    .map(({ name, p99 }) => `${name} ${p99} ms`)
  return `p99 under ${GOAL_MS} ms, paced: ${within} of ${counted.length}. The slowest: ${slowest.join(', ')}.`
}

const closedRow = (turn: MeasuredClosed): Row => ({
  operation: turn.name,
  'requests/s': turn.perSecond,
  ...cells(figuresOf(turn)),
})

/** The figures of all operations, as a page shows them. */
export function findingsOf({ measured, closed, clients, seconds, outside }: Shown): Findings {
  const judged = measured.map((turn) => judge(turn, outside))
  const counted = judged.filter(({ name }) => !(name in outside))
  const paced = `Paced: each of ${clients} clients asks once in five seconds, spread evenly`
  return {
    tables: [
      { title: paced, rows: judged.map(({ row }) => row) },
      {
        title: `Closed loop, the most used: each of ${clients} clients asks again when it has its answer`,
        rows: closed.map(closedRow),
      },
    ].filter(({ rows }) => rows.length > 0),
    notes: [
      summaryOf(counted),
      `Each operation has its turn alone: a warm-up, then ${seconds} s; before it, outside the measured time, what it uses up is made, and what the one before left to audit and relay is waited for. All changes come first, in the order of this table, so that questions meet the fullest tables.`,
      'A cluster as processes: one gateway, five services, MariaDB, Redis and the load share the cores of this machine. Members ask what is their own, the operator the rest; a list is asked for twenty of its things, with all that is flat of each.',
      'A paced client whose answer is late asks late; the time counts from when it was to ask. With less than a hundred requests each, the 99th percentile is the slowest of them.',
      'Ten changes a second is what this machine’s two slow cores bear beside the gateway, the services, MariaDB and the load itself: at fifty a second all of it is busy, and what is measured is a queue.',
      'The audit log is verified over its newest hundred entries; one question may ask for two thousand, whose time grows with their number.',
      'Activating and retiring the model, pausing and resuming the feed are undone before each request, outside its time: there is one of each.',
    ],
  }
}

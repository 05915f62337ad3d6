import { BACK_OFF, type LoadPlan } from './cluster-load.ts'
import type { ClusterOutcome, ClusterRunPlan } from './cluster-run.ts'
import { type ActSummary, summariseActs } from './cluster-summary.ts'
import {
  type Counted,
  type KindSummary,
  PATIENCE_MS,
  REQUEST_KINDS,
  summarise,
} from './cluster-tally.ts'
import type { WorkOutcome } from './kills-work.ts'
import { type Cell, seconds, sum, table, words, writePage } from './proof-page.ts'

/** How much of all was not answered, as a percentage. */
const share = ({ unanswered, requests }: KindSummary) =>
  requests === 0 ? '–' : `${((100 * unanswered) / requests).toFixed(4)} %`

const WHAT: Readonly<Record<KindSummary['kind'], string>> = {
  query: 'queries',
  mutation: 'deposits, bets, cash-outs, results, flags',
  'sign-in': 'sign-ins',
  subscribe: 'subscriptions',
}

const kindRow = (summary: KindSummary): Cell[] => [
  WHAT[summary.kind],
  ...[summary.requests, summary.refusedFirst, summary.tries, summary.unanswered, share(summary)],
  ...[summary.p50, summary.p99, summary.longest],
]

/** What clients asked for and what came of it, by kind. */
export function requestLines(counted: readonly Counted[]): string[] {
  const summaries = REQUEST_KINDS.map((kind) => summarise(kind, counted))
  return [
    ...table(
      [
        ...['kind', 'requests', 'refused or cut at the first try', 'tries in all'],
        ...[`not answered within ${PATIENCE_MS / 1_000} s`, 'share'],
        ...['p50, ms', 'p99, ms', 'longest, ms'],
      ],
      summaries.map(kindRow),
    ),
    'Times run from the first try to the answer, tries in between included. Why first tries failed:',
    '',
    ...summaries.map(({ kind, codes }) => `- ${WHAT[kind]}: ${words(codes)}`),
    '',
  ]
}

/** How clients behave, in sentences. */
export const manners = (): string[] => [
  `A client that gets no answer, or one that says to come back later, asks the same again with the same key, first after ${BACK_OFF.firstMs} ms,`,
  `then after twice as long each time up to ${BACK_OFF.longestMs / 1_000} s, less up to half by chance; after ${PATIENCE_MS / 1_000} s the request counts as not answered (and is`,
  'asked on, so that the books can be held against what became of it). Subscribers come back in the same way, with their last cursor.',
]

/** Who did how much. */
export function loadRows(plan: Omit<LoadPlan, 'seed'>): Cell[][] {
  const every = (pauseMs: number) => `one after the other, ${pauseMs} ms apart`
  return [
    [
      'writers (deposits, bets, cash-outs, results)',
      `${plan.writers}, ${every(plan.writersPauseMs)}`,
    ],
    [
      'readers (the playground’s questions over several subgraphs)',
      `${plan.readers}, ${every(plan.readersPauseMs)}`,
    ],
    ['who sign in', `${plan.signers}, ${every(plan.signersPauseMs)}`],
    ['who switches a tenant’s flags', `1, ${every(plan.flagsPauseMs)}`],
    [
      'subscribers, by graphql-ws, server-sent events and Apollo’s multipart protocol',
      `${plan.subscribers}: ${plan.writers * 2} of a writer’s bets or balances, half of the others of all prices and half of a tenant’s news`,
    ],
  ]
}

/** What the writers did. */
export function workRows({ deeds, counts }: WorkOutcome): Cell[][] {
  const accepted = (kind: string) =>
    deeds.filter((deed) => deed.kind === kind && deed.code === null).length
  return [
    ['deeds asked for and answered', deeds.length],
    ['… deposits accepted', accepted('deposit')],
    ['… bets accepted', accepted('bet')],
    ['… cash-outs accepted', accepted('cashOut')],
    ['… results decided', accepted('result')],
    ['… refused as they should be', deeds.filter(({ code }) => code !== null).length],
    ...Object.entries(counts).map(([name, count]) => [`rows: ${name}`, count]),
  ]
}

/** What the checks found, and what they found in planted faults. */
export function findingLines({ findings, planted }: WorkOutcome): string[] {
  return [
    '## What was found in the books and the logs of subscribers',
    '',
    ...table(
      ['how often', ''],
      findings.map(({ says, count }) => [says, count]),
    ),
    '## The control',
    '',
    'In how many ways the checks found each planted fault; 0 would be a proof that cannot fail.',
    '',
    ...table(
      ['planted', 'found'],
      planted.map(({ says, found }) => [says, found]),
    ),
  ]
}

/** What processes logged at level error and above. */
export function errorLines(told: readonly { says: string; times: number }[]): string[] {
  const all = sum(told.map(({ times }) => times))
  return [
    `## What the processes logged as errors (${all} lines)`,
    '',
    ...table(
      ['line', 'times'],
      told.map(({ says, times }) => [says.replaceAll('|', '\\|').slice(0, 160), times]),
    ),
  ]
}

const actRow = (act: ActSummary): Cell[] => {
  const after = act.answeredAfterMs
  return [
    act.says,
    ...[seconds(act.awayMs), seconds(act.wholeAfterMs)],
    ...[seconds(after.query), seconds(after.mutation), seconds(after['sign-in'])],
    ...[seconds(after.subscribe), act.requests, act.refusedFirst, act.unanswered],
    words(act.codes),
  ]
}

/** What each act meant to clients. */
export const actLines = ({ suffered, counted }: ClusterOutcome): string[] => [
  'Seconds from its beginning: as long as a server was away by plan, until every process said by its own `/ready` that it is ready, and until',
  'the first answer of each kind to something asked after it. A request belongs to the last that began before the request ended.',
  '',
  ...table(
    [
      ...['what', 'away', 'all ready', 'query', 'mutation', 'sign-in', 'subscription'],
      ...['requests', 'refused or cut at first', 'not answered', 'why'],
    ],
    summariseActs(suffered, counted).map(actRow),
  ),
]

/** What was done, by whom and how long. */
export function doneLines(plan: ClusterRunPlan, outcome: ClusterOutcome): string[] {
  const facts: Cell[][] = [
    ['seed', plan.seed],
    ['seconds under load', outcome.seconds],
    ['share of the machine’s cores that was busy, other work included', `${outcome.cpuShare} %`],
  ]
  const streams: Cell[][] = [
    ['events that subscribers received', outcome.subscribers.events],
    ['streams that were ended by others and came back', sum(outcome.cuts.values())],
    ['… by why', words(outcome.cuts)],
  ]
  const rows = [...facts, ...loadRows(plan.load), ...workRows(outcome), ...streams]
  return ['## What was done', '', ...table(['', ''], rows)]
}

/** What the processes held in memory. */
export const memoryLines = ({ memory, restarts }: ClusterOutcome): string[] => [
  '## Memory',
  '',
  'Resident, MB, when the first thing was about to be done and at the end of the load.',
  '',
  ...table(
    ['process', 'started again', 'before', 'after'],
    [...memory.before].map(([name, before]) => [
      ...[name, restarts.get(name) ?? 0, before],
      memory.after.get(name) ?? 0,
    ]),
  ),
]

/** What one wants to see at once of a run, also of one that failed. */
export const summaryLines = (outcome: ClusterOutcome): string[] => [
  ...requestLines(outcome.counted),
  ...actLines(outcome),
  ...memoryLines(outcome),
  ...errorLines(outcome.errorLines),
  `streams that came back: ${words(outcome.cuts)}`,
  `${outcome.cpuShare} % CPU, ${outcome.subscribers.events} events, ${outcome.seconds} s`,
]

/** What is said of a run of a cluster, and how its acts are called. */
export type ClusterPage = {
  name: string
  title: string
  introduction: readonly string[]
  /** Over the table of what was done. */
  each: string
  checks: readonly string[]
}

/** Writes what a proof found. */
export const writeClusterPage = (
  { name, title, introduction, each, checks }: ClusterPage,
  plan: ClusterRunPlan,
  outcome: ClusterOutcome,
): Promise<void> =>
  writePage({
    ...{ name, title },
    introduction: [...introduction, '', ...manners(), '', ...checks],
    body: [
      ...doneLines(plan, outcome),
      '## What clients met',
      '',
      ...requestLines(outcome.counted),
      `## ${each}`,
      '',
      ...actLines(outcome),
      ...findingLines(outcome),
      ...memoryLines(outcome),
      ...errorLines(outcome.errorLines),
    ],
  })

import type { KillsOutcome, KillsPlan } from './kills-run.ts'
import { type Cell, sum, table, writePage } from './proof-page.ts'

/** One run as its page shows it. */
export type Chapter = { plan: KillsPlan; outcome: KillsOutcome }

/** A row of the table: what it is, and its figure in each chapter. */
function rowsOf(
  chapters: readonly Chapter[],
  figuresOf: (chapter: Chapter) => readonly (readonly [string, Cell])[],
): (readonly Cell[])[] {
  const columns = chapters.map((chapter) => figuresOf(chapter))
  const names = columns[0]?.map(([name]) => name) ?? []
  return names.map((name, index) => [name, ...columns.map((column) => column[index]?.[1] ?? '')])
}

function workOf({ plan, outcome }: Chapter): (readonly [string, Cell])[] {
  const { deeds, counts, repeats, followers, killsWhileStarting, seconds } = outcome
  const accepted = (kind: string) =>
    deeds.filter((deed) => deed.kind === kind && deed.code === null).length
  return [
    ['seed', plan.seed],
    ['writers', plan.writers],
    ['kill -9 while they wrote', plan.kills],
    ['kill -9 while starting', killsWhileStarting],
    ['deeds asked for and answered', deeds.length],
    ['… deposits accepted', accepted('deposit')],
    ['… bets accepted', accepted('bet')],
    ['… cash-outs accepted', accepted('cashOut')],
    ['… results decided', accepted('result')],
    ['… refused as they should be', deeds.filter(({ code }) => code !== null).length],
    ['times a deed had to be asked again, no answer having come', sum(repeats.values())],
    ...Object.entries(counts).map(([name, count]) => [`rows: ${name}`, count] as const),
    ['events seen by subscribers', sum(followers.map(({ seen }) => seen.length))],
    ['their connections', sum(followers.map(({ connections }) => connections()))],
    ['seconds of disturbance', seconds],
  ]
}

const findingsOf = ({ outcome }: Chapter) =>
  outcome.findings.map(({ says, count }) => [says, count] as const)

const faultsOf = ({ outcome }: Chapter) =>
  outcome.planted.map(({ says, found }) => [says, found] as const)

const INTRODUCTION = [
  'The embedded platform runs as a process of its own (`node gateway/main.ts`) and is killed with SIGKILL at random moments, each',
  'fourth time once more while it starts. Eight writers, each signed in through GraphQL with a connection of their own, deposit (now',
  'and then on the account of another), place singles and multiples, and cash out, in two currencies; one of them is the platform',
  'operator, who decides and abandons results, while a replayed season of made-up matches brings results of its own. Each deed has an',
  'idempotency key and is asked for again, with the same body, until an answer comes; when all is over every accepted one is asked for',
  'once more. Each writer is followed by two subscriptions (`betChanged` by graphql-ws, `balanceChanged` by server-sent events) that',
  'come back with their last cursor after every cut. Once all messages are delivered, the databases are read past the platform, by SQL',
  'of the proof alone. The same checks are made on copies of the databases in each of which one thing was changed behind the back.',
]

/** Writes what the proof found. */
export async function writeKillsPage(chapters: readonly Chapter[]): Promise<void> {
  const engines = chapters.map(({ plan }) => plan.engine)
  await writePage({
    name: 'kills',
    title: 'Killed again and again, and the books whole',
    introduction: INTRODUCTION,
    body: [
      '## What was done',
      '',
      ...table(['', ...engines], rowsOf(chapters, workOf)),
      '## What was found',
      '',
      ...table(['how often', ...engines], rowsOf(chapters, findingsOf)),
      '## The control',
      '',
      'In how many ways the checks found each planted fault; 0 would be a proof that cannot fail.',
      '',
      ...table(['planted', ...engines], rowsOf(chapters, faultsOf)),
    ],
  })
}

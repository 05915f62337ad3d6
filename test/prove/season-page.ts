import { availableParallelism, loadavg } from 'node:os'
import type { SubscriberAccount } from './season-account.ts'
import type { Damage } from './season-disturbances.ts'
import type { Outcome } from './season-replay.ts'

/** One replay as its page shows it. */
export type Chapter = {
  title: string
  says: string
  outcome: Outcome
  damage: Damage
}

const yes = (isSo: boolean) => (isSo ? 'yes' : 'NO')

const receivedLine = ({ name, received, gaps, doubles, ...rest }: SubscriberAccount) => {
  const { live, p50, p99, longest } = rest.delays
  return `| ${name} | ${received} | ${gaps} | ${doubles} | ${yes(rest.isInOrder)} | ${rest.connections} | ${live} | ${p50} / ${p99} / ${longest} |`
}

function chapterLines({ title, says, outcome, damage }: Chapter): string[] {
  const facts: [string, string | number][] = [
    ['price changes computed from the file', outcome.computed],
    ['rows of `odds_quotes`', outcome.stored],
    ['… each exactly a computed change', yes(outcome.isExact)],
    ['events published', outcome.published],
    ['… numbered without a hole', yes(outcome.isDense)],
    ['same cursors in the same order for all three', yes(outcome.isOneOrder)],
    ['sockets torn', outcome.cuts],
    ['kill -9 while prices came in', damage.kills],
    ['kill -9 while starting', damage.killsWhileStarting],
    ['duration, s', outcome.seconds],
    ['prices stored in the busiest second', outcome.pricesPerSecond],
  ]
  return [
    `## ${title}`,
    '',
    says,
    '',
    '| | |',
    '|---|---|',
    ...facts.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| subscriber | received | gaps | doubles | in order | connections | live | stored to seen, ms: p50 / p99 / longest |',
    '|---|---|---|---|---|---|---|---|',
    ...outcome.subscribers.map(receivedLine),
    '',
  ]
}

/** The page of the proof. */
export const seasonPage = (chapters: readonly Chapter[], command: string): string =>
  [
    '# A real season, replayed to live subscribers',
    '',
    'Written by `test/prove/season.prove.ts`; run it again with:',
    '',
    '```',
    command,
    '```',
    '',
    'The Premier League of 2023-24 (380 matches, opening and closing prices) is replayed by the embedded platform as a process of',
    'its own (`node gateway/main.ts`, `ODDS_FEED=season`). Three subscribers follow `oddsChanged` as an analyst of a tenant: two by',
    'graphql-ws, one by server-sent events and `Last-Event-ID`. All are ready before the process is, and begin with the cursor',
    '`beginning`, because the feed tells its first prices before the port is open; whenever a line ends, for whatever reason, they',
    'come back with the last cursor they saw. What was sent is worked out from the CSV by code of the proof alone, and compared',
    'with the rows change by change. *Live* counts prices stored while the subscriber was connected; the others it missed and got',
    'from the history. Moments of cuts and kills come from a seed. ' +
      `Measured on ${availableParallelism()} cores, subscribers and platform together, with a`,
    `load average of ${(loadavg()[0] ?? 0).toFixed(1)} at the end (other work included): the delays are this machine's.`,
    '',
    ...chapters.flatMap(chapterLines),
  ].join('\n')

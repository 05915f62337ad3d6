import { type ClusterPage, writeClusterPage } from './cluster-pages.ts'
import type { ClusterOutcome, ClusterRunPlan } from './cluster-run.ts'

const PAGE: ClusterPage = {
  name: 'upgrade',
  title: 'A rolling upgrade with a migration under load',
  introduction: [
    'A cluster as it stands in production, all on one machine: a balancer of layer 4 that asks each gateway’s `/ready` once a second, two',
    'gateways, five services, a MariaDB and a Redis of its own. A copy of the code is made a version ahead: a migration adds a column to',
    '`bets`, which the largest subgraph then reads, writes and tells in its schema. While clients work, `npm run migrate` of the new code runs',
    'before the old code, then each process is told to stop (SIGTERM) and the new code starts on its port: the services, then the gateways,',
    'one after the other, each when all are ready. A gateway gives notice for three seconds. In the end both gateways know the new field.',
  ],
  each: 'Each step',
  checks: [
    'The databases are then read past the platform with the same checks as in [kills](kills.md), and each subscriber’s log is held against the',
    'events table: a stream is lost when its log has a hole.',
  ],
}

/** Writes what the proof found. */
export const writeUpgradePage = (plan: ClusterRunPlan, outcome: ClusterOutcome): Promise<void> =>
  writeClusterPage(PAGE, plan, outcome)

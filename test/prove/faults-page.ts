import { type ClusterPage, writeClusterPage } from './cluster-pages.ts'
import type { ClusterOutcome, ClusterRunPlan } from './cluster-run.ts'

const PAGE: ClusterPage = {
  name: 'faults',
  title: 'Half an hour of faults under load',
  introduction: [
    'A cluster as it stands in production, all on one machine: a balancer of layer 4 that asks each gateway’s `/ready` once a second, two',
    'gateways, five services, a MariaDB and a Redis of its own, each a process; whoever ends is started again a second later. Clients know',
    'the balancer alone. While they work, every process is killed with SIGKILL in turn, MariaDB is stopped and killed, Redis is stopped for',
    'a minute and emptied while it runs, one thing after the other, in an order that comes from the seed.',
  ],
  each: 'Each fault',
  checks: [
    'When all is over the messages still on their way arrive, every accepted deed is asked for once more, and the databases are read past',
    'the platform, by SQL of the proof alone: the same checks as in [kills](kills.md), and each subscriber’s log against the events table.',
  ],
}

/** Writes what the proof found. */
export const writeFaultsPage = (plan: ClusterRunPlan, outcome: ClusterOutcome): Promise<void> =>
  writeClusterPage(PAGE, plan, outcome)

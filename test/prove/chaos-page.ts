import { type ClusterPage, writeClusterPage } from './cluster-pages.ts'
import type { ClusterOutcome, ClusterRunPlan } from './cluster-run.ts'

const PAGE: ClusterPage = {
  name: 'chaos',
  title: 'Half an hour of cuts with two hundred subscribers',
  introduction: [
    'A cluster as it stands in production, all on one machine: a balancer, two gateways, five services, MariaDB and Redis, each a process;',
    'whoever ends is started again a second later. Two hundred subscribers follow it by graphql-ws, server-sent events and Apollo’s multipart',
    'protocol, while every twenty seconds something happens that the seed chose: a third of all lines is cut by the clients, the supergraph is',
    'exchanged, a gateway or a service is killed, Redis is emptied or stopped for five seconds. Each comes back with its last cursor.',
  ],
  each: 'Each cut',
  checks: [
    'When all is over, the log of each subscriber is held against the events table, the log of the producers: what is missing was lost, what',
    'stands twice was doubled. The books are read as in [faults](faults.md).',
  ],
}

/** Writes what the proof found. */
export const writeChaosPage = (plan: ClusterRunPlan, outcome: ClusterOutcome): Promise<void> =>
  writeClusterPage(PAGE, plan, outcome)

import { SUBGRAPH_NAMES, type SubgraphName } from '#kernel/auth/service-names.ts'
import type { Program } from '../kit/child-process.ts'
import { type Act, type ClusterOutcome, type ClusterRunPlan, runCluster } from './cluster-run.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { createCaller } from './kills-caller.ts'
import { OPERATOR } from './kills-people.ts'
import { makeNewCode, type NewCode } from './upgrade-code.ts'

export type UpgradePlan = Omit<ClusterRunPlan, 'acts'> & {
  /** Names of the processes in the order in which they are replaced. */
  parts: readonly string[]
}

/** Services first: what a new gateway asks for, they know. */
export const ALL_PARTS = [...SUBGRAPH_NAMES, 'gateway 1', 'gateway 2'] as const

/** As a cluster has it by default: the balancer learns before a gateway refuses anybody. */
const NOTICE = { GATEWAY_NOTICE_SECONDS: '3' }

const ASK_REMARK = '{ bets(first: 1) { edges { node { id remark } } } }'

/** @throws when a gateway answers a question of the new version otherwise than its code lets expect */
async function expectKnown({ url, name }: Program, isKnown: boolean): Promise<void> {
  await using caller = createCaller(`${url}/graphql`, OPERATOR)
  const { codes } = await caller.ask(ASK_REMARK)
  const expected = isKnown ? '' : 'GRAPHQL_VALIDATION_FAILED'
  if (codes.join() !== expected) throw new Error(`${name} answers with ${codes.join() || 'data'}`)
}

const isService = (name: string): name is SubgraphName =>
  SUBGRAPH_NAMES.some((known) => known === name)

/** Ends the old process and starts the new code on its port. */
async function replace(world: ClusterWorld, name: string, { root }: NewCode): Promise<void> {
  const { cluster, supervisor } = world
  const old = supervisor.programs.get(name)
  if (!old) throw new Error(`no process is called ${name}`)
  if (!isService(name)) await expectKnown(old, false)
  const what = isService(name) ? name : 'gateway'
  const next = cluster.another(what, Number(new URL(old.url).port), { root })
  await supervisor.replace(name, next)
  if (!isService(name)) await expectKnown(next, true)
}

function actsOf({ parts }: UpgradePlan, code: NewCode): Act[] {
  return [
    { says: 'migrated by the new code', act: ({ cluster }) => code.migrate(cluster.env) },
    ...parts.map((name) => ({
      says: `${name} replaced`,
      act: (world: ClusterWorld) => replace(world, name, code),
      // Gateways say of which services the schema is another than theirs.
      mayBeReserved: true,
    })),
  ]
}

/** Upgrades a cluster under load, process by process, to code that is a migration ahead. */
export async function runUpgrade(
  plan: UpgradePlan,
): Promise<{ plan: ClusterRunPlan; outcome: ClusterOutcome }> {
  await using code = await makeNewCode()
  const env = { ...NOTICE, ...plan.env }
  const whole: ClusterRunPlan = { ...plan, env, acts: actsOf(plan, code) }
  return { plan: whole, outcome: await runCluster(whole) }
}

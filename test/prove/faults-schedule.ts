import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { type Chance, createChance } from './season-chance.ts'

/** What is done to a cluster. */
export type Fault =
  | { kind: 'process killed'; name: string }
  | { kind: 'MariaDB stopped' }
  | { kind: 'MariaDB killed' }
  | { kind: 'Redis stopped' }
  | { kind: 'Redis emptied' }

export const PROCESSES = [...SUBGRAPH_NAMES, 'gateway 1', 'gateway 2'] as const

const SERVER_FAULTS: readonly Fault[] = [
  { kind: 'Redis emptied' },
  { kind: 'MariaDB stopped' },
  { kind: 'Redis stopped' },
  { kind: 'MariaDB killed' },
]

/** One sentence. */
export const wordsOf = (fault: Fault): string =>
  fault.kind === 'process killed' ? `${fault.name} killed` : fault.kind

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const rest = [...items]
  return items.flatMap(() => rest.splice(chance.between(0, rest.length), 1))
}

/**
 * Every process in turn, as many rounds as asked, each round in another order, with what is done to
 * the servers at places of its own among them.
 */
export function faultsOf({ seed, rounds }: { seed: number; rounds: number }): Fault[] {
  const chance = createChance(seed)
  const faults: Fault[] = Array.from({ length: rounds }, () =>
    shuffled(PROCESSES, chance).map((name): Fault => ({ kind: 'process killed', name })),
  ).flat()
  for (const fault of shuffled(SERVER_FAULTS, chance)) {
    faults.splice(chance.between(0, faults.length + 1), 0, fault)
  }
  return faults
}

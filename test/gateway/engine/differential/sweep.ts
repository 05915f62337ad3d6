import { compareClean, compareFaulty, type Difference, makeCase, type Tally } from './compare.ts'
import { compareDeferred } from './compare-deferred.ts'
import type { Federation } from './federation.ts'
import { createLaboratory, type Laboratory } from './laboratory.ts'

/** What came of many operations over one federation. */
export type Sweep = {
  federation: Federation
  /** Operations that were made up, also those that could not be asked. */
  made: number
  clean: Tally
  faulty: Tally
  differences: readonly Difference[]
}

export type SweepPlan = {
  /** Begins every seed, so that another word makes other operations. */
  seed: string
  cases: number
  /** Askings with faults for each operation. */
  faultsEach: number
  told?: (done: number) => void
}

/** More say nothing more. */
const MOST_DIFFERENCES = 5

async function sweepIn(lab: Laboratory, plan: SweepPlan): Promise<Sweep> {
  const clean: Tally = new Map()
  const faulty: Tally = new Map()
  const differences: Difference[] = []
  const { name } = lab.federation
  for (let index = 0; index < plan.cases; index++) {
    const seed = `${plan.seed}:${name}:${index}`
    const made = await makeCase(lab, seed)
    if (typeof made === 'string') clean.set(made, (clean.get(made) ?? 0) + 1)
    else {
      differences.push(...(await compareClean(made, clean)))
      differences.push(...(await compareDeferred(made, clean)))
      for (let time = 0; time < plan.faultsEach; time++)
        differences.push(...(await compareFaulty(made, `${seed}:${time}`, faulty)))
    }
    if (differences.length >= MOST_DIFFERENCES) break
    plan.told?.(index + 1)
  }
  return { federation: lab.federation, made: plan.cases, clean, faulty, differences }
}

/** Asks random operations of a federation in every way, without faults and with them. */
export async function sweep(federation: Federation, plan: SweepPlan): Promise<Sweep> {
  const lab = await createLaboratory(federation)
  try {
    return await sweepIn(lab, plan)
  } finally {
    await lab.dispose()
  }
}

/** Differences as a person reads them who is to repeat them. */
export function toldDifferences({ differences, federation }: Sweep): string {
  return differences
    .map(({ seed, what, details }) => `${federation.name}, seed ${seed}, ${what}:\n${details}`)
    .join('\n\n')
}

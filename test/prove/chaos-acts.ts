import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import type { Load } from './cluster-load.ts'
import type { Act } from './cluster-run.ts'
import { toAct } from './faults-inflict.ts'
import { type Chance, createChance } from './season-chance.ts'

/** Which of all lines are cut at once. */
const CUT_SHARE = 3
const REDIS_AWAY_MS = 5_000
/** The gateways look at the file once in two seconds, and read it. */
const SUPERGRAPH = new URL('../../schema/supergraph.graphql', import.meta.url)

/** Everybody who follows anything. */
const followersOf = ({ work, shared }: Load) => [...work.followers, ...shared]

function cutSockets(chance: Chance): Act {
  const first = chance.between(0, CUT_SHARE)
  return {
    says: 'a third of all lines cut by their clients',
    act: async (_world, load) => {
      for (const [index, follower] of followersOf(load).entries())
        if (index % CUT_SHARE === first) follower.cut()
    },
  }
}

/** Another text, so that every part of the gateways is made anew; the same questions stay valid. */
function exchange(file: string, number: number): Act {
  return {
    says: 'supergraph exchanged',
    act: async () => writeFile(file, `${await readFile(SUPERGRAPH, 'utf8')}\n# ${number}\n`),
  }
}

type Maker = (chance: Chance, number: number) => Act

/** How often each comes up among all. */
const makersFor = (schemaFile: string): readonly [weight: number, Maker][] => [
  [6, cutSockets],
  [3, (_chance, number) => exchange(schemaFile, number)],
  [3, (chance) => killed(`gateway ${chance.between(1, 3)}`)],
  [2, (chance) => killed(SUBGRAPH_NAMES[chance.between(0, SUBGRAPH_NAMES.length)] ?? 'analytics')],
  [1, () => toAct({ kind: 'Redis emptied' }, { redisAwayMs: 0 })],
  [1, () => toAct({ kind: 'Redis stopped' }, { redisAwayMs: REDIS_AWAY_MS })],
]

const killed = (name: string): Act => toAct({ kind: 'process killed', name }, { redisAwayMs: 0 })

/** Where the gateways of a run read their supergraph, with what stands in it at first. */
export async function placeSchema(folder: string): Promise<string> {
  const file = join(folder, 'supergraph.graphql')
  await writeFile(file, await readFile(SUPERGRAPH, 'utf8'))
  return file
}

/** So many things that happen, in an order that comes from the seed; each kind at least once if there is room. */
export function chaosOf(options: { seed: number; count: number; schemaFile: string }): Act[] {
  const chance = createChance(options.seed)
  const makers = makersFor(options.schemaFile)
  const urn = makers.flatMap(([weight, maker]) => Array.from({ length: weight }, () => maker))
  const others = Array.from({ length: Math.max(0, options.count - makers.length) }, () => {
    return urn[chance.between(0, urn.length)] ?? cutSockets
  })
  const chosen = [...makers.map(([, maker]) => maker), ...others].slice(0, options.count)
  const acts: Act[] = []
  while (chosen.length > 0) {
    const [maker] = chosen.splice(chance.between(0, chosen.length), 1)
    if (maker) acts.push({ ...maker(chance, acts.length + 1), mayBeReserved: true })
  }
  return acts
}

import { type Engine, makePlace, type OwnPlace } from './kills-places.ts'
import { type SeasonPlan, writeSeason } from './kills-season.ts'
import {
  allDeeds,
  concludeWork,
  openWork,
  type Work,
  type WorkOutcome,
  workWhile,
} from './kills-work.ts'
import { type Chance, createChance } from './season-chance.ts'
import { createProcess, type ProcessUnderTest } from './season-platform.ts'
import { pause, until } from './until.ts'

export type KillsPlan = {
  engine: Engine
  /** The same seed: the same people, wishes, season and moments, as far as a machine repeats itself. */
  seed: number
  writers: number
  kills: number
  /** Deeds from one kill to the next, from and up to and without. */
  deedsBetween: readonly [number, number]
  season: Omit<SeasonPlan, 'seed'>
  /** Told of each kill with how many deeds had been answered. */
  onKill?: (kill: number, deeds: number) => void
}

export type KillsOutcome = WorkOutcome & { killsWhileStarting: number; seconds: number }

type Run = { plan: KillsPlan; platform: ProcessUnderTest; chance: Chance; work: Work }

/** A machine that is busy with other work is not what is proved. */
const PATIENCE = { GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '120', GATEWAY_REQUEST_TIMEOUT_SECONDS: '120' }
/** Longest wait from a deed to the blow, milliseconds. */
const HESITATION_MS = 60
/** Within this a starting process opens, migrates and begins to listen. */
const START_MS = 4_000
/** Each so many-th time the new process is killed too, while it starts. */
const STARTS_KILLED_IN = 4

/** Kills at random deeds, starts again. @returns how many processes were killed while they started */
async function killAtRandom(
  { platform, chance, plan, work: { writers } }: Run,
  isOver: () => boolean,
): Promise<number> {
  let whileStarting = 0
  for (let kill = 1; kill <= plan.kills; kill += 1) {
    const place = allDeeds(writers).length + chance.between(...plan.deedsBetween)
    const isReached = () => isOver() || allDeeds(writers).length >= place
    await until(`${place} deeds are answered`, isReached)
    if (isOver()) return whileStarting
    await pause(chance.between(0, HESITATION_MS))
    await platform.kill()
    plan.onKill?.(kill, allDeeds(writers).length)
    if (kill % STARTS_KILLED_IN === 0) {
      const starting = platform.start()
      await pause(chance.between(0, START_MS))
      await platform.kill()
      await starting
      whileStarting += 1
    }
    await platform.start()
  }
  return whileStarting
}

async function startProcess({ seed, season }: KillsPlan, own: OwnPlace): Promise<ProcessUnderTest> {
  const feed = await writeSeason(own.folder, { ...season, seed })
  const platform = await createProcess({ ...own.env, ...feed, ...PATIENCE })
  await platform.start()
  return platform
}

/** Runs the platform, kills it again and again while writers work, and holds all books against each other. */
export async function proveKills(plan: KillsPlan): Promise<KillsOutcome> {
  const began = performance.now()
  await using stack = new AsyncDisposableStack()
  const own = stack.use(await makePlace(plan.engine))
  const platform = stack.adopt(await startProcess(plan, own), ({ kill }) => kill())
  const work = stack.use(await openWork({ ...plan, url: platform.url }))
  const run = { plan, platform, work, chance: createChance(plan.seed) }
  const works = work.writers.map((writer) => writer.work)
  const killsWhileStarting = await workWhile(works, (isOver) => killAtRandom(run, isOver))
  const seconds = Math.round((performance.now() - began) / 1_000)
  const outcome = await concludeWork(work, {
    ...{ place: own.place, makeCopies: () => makePlace(plan.engine), stop: platform.stop },
  })
  return { ...outcome, killsWhileStarting, seconds }
}

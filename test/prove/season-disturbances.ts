import { pause, type Replay, until } from './season-replay.ts'

/** Longest wait between the price at which a process is to be killed and the blow, milliseconds. */
const HESITATION_MS = 50
/** Within this a starting process opens, migrates, takes prices in and begins to listen. */
const START_MS = 4_000

/** No process is let live beyond this share of the prices, so that each kill finds it storing them. */
const LAST_KILL = 0.9

/** What was done to the platform. */
export type Damage = {
  /** Processes killed before the season was over. */
  kills: number
  killsWhileStarting: number
}

/** Kills a process at a random moment of its start. */
async function killWhileStarting({ platform, chance }: Replay): Promise<void> {
  const starting = platform.start()
  await pause(chance.between(0, START_MS))
  await platform.kill()
  await starting
}

/**
 * Kills the platform with SIGKILL when the first subscriber has seen a random number of prices, and
 * starts it again; each second time the new process is killed too while it starts.
 */
export async function killAtRandom(replay: Replay, kills: number): Promise<Damage> {
  const { platform, chance, subscribers, isOver, total } = replay
  const damage: Damage = { kills: 0, killsWhileStarting: 0 }
  await replay.started
  for (const [index, place] of chance.places(kills, total * LAST_KILL).entries()) {
    await until(`${place} prices are seen`, () => (subscribers[0]?.seen.length ?? 0) >= place)
    await pause(chance.between(0, HESITATION_MS))
    await platform.kill()
    if (!isOver()) damage.kills += 1
    if (index % 2 === 1) {
      await killWhileStarting(replay)
      damage.killsWhileStarting += 1
    }
    await platform.start()
  }
  return damage
}

type Feeds = { feeds: { id: string }[] }

const SWITCH = (field: string) =>
  `mutation Switch($input: FeedInput!) { ${field}(input: $input) { isPaused } }`

/** The operator pauses the feed for a while, so that all that was due comes at once. */
export async function holdBack({ ask, started }: Replay, milliseconds: number): Promise<void> {
  await started
  const { feeds } = await ask<Feeds>('operator', '{ feeds { id } }')
  const input = { feedId: feeds[0]?.id }
  await ask('operator', SWITCH('pauseFeed'), { input })
  await pause(milliseconds)
  await ask('operator', SWITCH('resumeFeed'), { input })
}

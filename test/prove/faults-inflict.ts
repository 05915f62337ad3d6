import type { Act } from './cluster-run.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { type Fault, wordsOf } from './faults-schedule.ts'
import { pause } from './until.ts'

export type InflictOptions = { redisAwayMs: number }

/** From the end of a server to its next start, milliseconds. */
const SERVER_AWAY_MS = 1_000

/** A MariaDB that may be stopped. @throws where it belongs to others too */
function mariadbOf({ servers }: ClusterWorld) {
  if (!servers.mariadb) throw new Error('this MariaDB is not ours to stop')
  return servers.mariadb
}

const INFLICT: {
  [Kind in Fault['kind']]: (
    world: ClusterWorld,
    fault: Extract<Fault, { kind: Kind }>,
    options: InflictOptions,
  ) => Promise<void>
} = {
  'process killed': ({ supervisor }, { name }) => supervisor.kill(name),
  'MariaDB stopped': async (world) => {
    await mariadbOf(world).stop()
    await pause(SERVER_AWAY_MS)
    await mariadbOf(world).start()
  },
  'MariaDB killed': async (world) => {
    await mariadbOf(world).kill()
    await pause(SERVER_AWAY_MS)
    await mariadbOf(world).start()
  },
  'Redis stopped': async ({ servers }, _fault, { redisAwayMs }) => {
    await servers.redis.stop()
    await pause(redisAwayMs)
    await servers.redis.start()
  },
  'Redis emptied': async ({ servers }) => void (await servers.redis.flush()),
}

/** The fault as something to be done; what is taken away is there again, or is the supervisor's to bring back. */
export function toAct<Kind extends Fault['kind']>(
  fault: Extract<Fault, { kind: Kind }>,
  options: InflictOptions,
): Act {
  // The row of its own kind.
  const kind = fault.kind as Kind
  return {
    says: wordsOf(fault),
    isAway: kind !== 'process killed',
    act: (world) => INFLICT[kind](world, fault, options),
  }
}

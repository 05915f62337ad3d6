import { systemClock } from '#kernel/clock.ts'
import type { Config } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { openPlatform, type Platform } from '#kernel/serve/platform.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'

/** The subgraphs of the embedded run, opened, migrated and seeded in this process. */
export async function openLocalPlatform(config: Config, log: Logger): Promise<Platform> {
  return openPlatform({
    config,
    subgraphs: [identity, tenancy, analytics],
    clock: systemClock,
    randomness: systemRandomness,
    log,
  })
}

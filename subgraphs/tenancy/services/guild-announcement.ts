import { LockMode } from '@mikro-orm/core'
import type { Outbox } from '#kernel/audit/outbox.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import type { JobHandler } from '#kernel/jobs/run-job.ts'
import { Guild } from '../entities/guild.ts'
import { GUILD_KEEPERS, toGuildFacts } from './change-log.ts'

/** The job that announces; `start` asks for it under one key, so that it runs once. */
export const ANNOUNCE_GUILDS = 'guilds.announce'

/** Counts up when keepers are to be told something that they were not told before. */
const EDITION = 1
/** Guilds found between two looks at the table. */
const AT_ONCE = 200

type Deps = { database: Database; outbox: Outbox }

export const announcementJob = {
  kind: ANNOUNCE_GUILDS,
  payload: {},
  uniqueKey: `${ANNOUNCE_GUILDS}:${EDITION}`,
} as const

/** One guild to everyone who keeps a picture of it, as its row stands at this moment. */
async function acrossTenantsAnnounce({ database, outbox }: Deps, id: string): Promise<void> {
  await transactional(database.acrossTenants(), async (tx) => {
    const guild = await tx.findOne(Guild, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
    if (!guild) return
    const { guildId } = guild
    for (const receiver of GUILD_KEEPERS) {
      await outbox.send(tx, {
        receiver,
        kind: 'guild.announced',
        aggregate: `guild:${guildId}`,
        payload: toGuildFacts(guild),
        key: `announced-${EDITION}-${guildId}-${receiver}`,
      })
    }
  })
}

/**
 * Tells subgraphs that came later of the guilds that stand: each guild once, in the order of its
 * other news. It can be broken off and run again: what was told is not told twice.
 */
export function createGuildAnnouncement(deps: Deps): JobHandler {
  const page = { orderBy: { id: 'asc' }, limit: AT_ONCE, fields: ['id'] } as const
  return async ({ signal, progress }) => {
    const total = await deps.database.acrossTenants().count(Guild)
    let done = 0
    for (let afterId: string | null = null; ; ) {
      const beyond = afterId === null ? {} : { id: { $gt: afterId } }
      const found: { id: string }[] = await deps.database.acrossTenants().find(Guild, beyond, page)
      for (const { id } of found) {
        signal.throwIfAborted()
        await acrossTenantsAnnounce(deps, id)
        done += 1
        await progress(done, Math.max(done, total))
      }
      afterId = found.at(-1)?.id ?? null
      if (afterId === null || found.length < AT_ONCE) return
    }
  }
}

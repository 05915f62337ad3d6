import { z } from 'zod'
import { deleteWhere } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { isDecimalId } from '../ids.ts'
import type { Delivery, InboxHandlers } from '../service/subgraph.ts'
import { guildsError } from './errors.ts'
import { GuildPlace } from './guild-place.ts'

const Id = z.string().refine(isDecimalId)
/** What tenancy tells of a guild; a switch that it does not name is off. */
const Payload = z.object({
  guildId: Id,
  tenantId: Id,
  enterpriseFeatures: z.boolean().default(false),
  complianceMode: z.boolean().default(false),
  auditLogging: z.boolean().default(false),
})

export type GuildFacts = z.infer<typeof Payload>

/** What a subgraph does beside, in the transaction of the delivery. */
export type GuildHooks = {
  onPlaced?: (tx: SqlEntityManager, guild: GuildFacts) => Promise<void>
  onRemoved?: (tx: SqlEntityManager, guild: GuildFacts) => Promise<void>
}

/** @throws GUILD_DELIVERY_INVALID */
function readGuild({ payload }: Delivery): GuildFacts {
  const parsed = Payload.safeParse(payload)
  if (parsed.success) return parsed.data
  throw guildsError('GUILD_DELIVERY_INVALID', {}, { cause: parsed.error })
}

/** Writes down where a guild belongs and how it is run. */
export async function acrossTenantsPlaceGuild(
  tx: SqlEntityManager,
  guild: GuildFacts,
): Promise<void> {
  const known = await tx.findOne(GuildPlace, { guildId: guild.guildId })
  if (known) Object.assign(known, guild)
  else tx.persist(tx.create(GuildPlace, guild))
  await tx.flush()
}

/** What tenancy tells of guilds, so that nobody has to be asked while somebody waits. */
export function createGuildDeliveries({ onPlaced, onRemoved }: GuildHooks = {}): InboxHandlers {
  const place = async (tx: SqlEntityManager, delivery: Delivery) => {
    const guild = readGuild(delivery)
    await acrossTenantsPlaceGuild(tx, guild)
    await onPlaced?.(tx, guild)
  }
  return {
    'guild.registered': place,
    'guild.moved': place,
    'guild.updated': place,
    /** Told once to subgraphs that came after the guild did. */
    'guild.announced': place,
    'guild.removed': async (tx, delivery) => {
      const guild = readGuild(delivery)
      await onRemoved?.(tx, guild)
      await deleteWhere(tx, GuildPlace, { guildId: guild.guildId })
    },
  }
}

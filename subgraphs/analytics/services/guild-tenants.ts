import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { createGuildDeliveries } from '#kernel/guilds/guild-deliveries.ts'
import type { InboxHandlers } from '#kernel/service/subgraph.ts'
import { CompetitionFollow } from '../entities/competition-follow.ts'

/** What a guild followed under another tenant ends with its move, all of it with its removal. */
export const guildDeliveries: InboxHandlers = createGuildDeliveries({
  onPlaced: async (tx, { guildId, tenantId }) => {
    await deleteWhere(tx, CompetitionFollow, { guildId, tenantId: { $ne: tenantId } })
  },
  onRemoved: async (tx, { guildId }) => {
    await deleteWhere(tx, CompetitionFollow, { guildId })
  },
})

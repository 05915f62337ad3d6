import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const CompetitionFollowSchema = defineEntity({
  name: 'CompetitionFollow',
  tableName: 'competition_follows',
  uniques: [{ name: 'uniq_follow', properties: ['tenantId', 'follower', 'competition'] }],
  indexes: [{ name: 'idx_follow_guild', properties: ['guildId', 'id'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    /** Null: the tenant itself follows. */
    guildId: refColumn().nullable(),
    /** The guild's id or `tenant`: unique keys do not see equal nulls. */
    follower: p.string().length(20),
    competition: p.string().length(64),
    createdAt: timeColumn(),
  },
})

/** A tenant, or one of its guilds, follows a competition. */
export class CompetitionFollow extends CompetitionFollowSchema.class {}
CompetitionFollowSchema.setClass(CompetitionFollow)

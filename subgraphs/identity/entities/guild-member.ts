import { defineEntity } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const GuildMemberSchema = defineEntity({
  name: 'GuildMember',
  tableName: 'guild_members',
  uniques: [{ properties: ['guildId', 'userId'] }],
  indexes: [{ properties: ['userId'] }, { properties: ['tenantId'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn(),
    userId: refColumn(),
    joinedAt: timeColumn(),
  },
})

/** A person in a guild. */
export class GuildMember extends GuildMemberSchema.class {}
GuildMemberSchema.setClass(GuildMember)

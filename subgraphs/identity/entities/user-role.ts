import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const UserRoleSchema = defineEntity({
  name: 'UserRole',
  tableName: 'user_roles',
  uniques: [{ properties: ['userId', 'roleId', 'place'] }],
  indexes: [
    { name: 'idx_user_role', properties: ['userId', 'roleId'] },
    { properties: ['roleId'] },
    { properties: ['guildId'] },
  ],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    roleId: refColumn(),
    /** Null with `guildId`: on the whole platform. */
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    /** `p`, `t:<tenant>` or `g:<guild>`. */
    place: p.string().length(22),
    assignedBy: refColumn().nullable(),
    assignedAt: timeColumn(),
    expiresAt: timeColumn().nullable(),
  },
})

/** A role given to a person, somewhere, until some time. */
export class UserRole extends UserRoleSchema.class {
  isActiveAt(now: Date): boolean {
    return !this.expiresAt || this.expiresAt > now
  }
}
UserRoleSchema.setClass(UserRole)

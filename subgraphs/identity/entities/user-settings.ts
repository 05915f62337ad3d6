import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const UserSettingsSchema = defineEntity({
  name: 'UserSettings',
  tableName: 'user_settings',
  properties: {
    id: idColumn(),
    userId: refColumn().unique(),
    mfaEnabled: p.boolean(),
    mfaMethod: p.string().length(20),
    /** Ciphertext under the person's key. */
    lastLoginIp: p.string().length(255).nullable(),
    lastLoginTime: timeColumn().nullable(),
    /** In a row, since the last sign-in or lock. */
    failedLoginAttempts: p.integer(),
    accountLocked: p.boolean(),
    accountLockedUntil: timeColumn().nullable(),
  },
})

/** How a person signs in, and how it went lately. */
export class UserSettings extends UserSettingsSchema.class {
  isLockedAt(now: Date): boolean {
    return this.accountLocked && (!this.accountLockedUntil || this.accountLockedUntil > now)
  }
}
UserSettingsSchema.setClass(UserSettings)

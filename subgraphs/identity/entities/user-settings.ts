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
    /** Of strangers since `failuresSince`. */
    failedLoginAttempts: p.integer(),
    /** The first failure that counts; null when none does. */
    failuresSince: timeColumn().nullable(),
    accountLocked: p.boolean(),
    accountLockedUntil: timeColumn().nullable(),
  },
})

/** How a person signs in, and how it went lately. */
export class UserSettings extends UserSettingsSchema.class {
  /** A lock that ends is the work of strangers, and holds for them. */
  isLockedToStrangersAt(now: Date): boolean {
    return this.accountLocked && this.accountLockedUntil != null && this.accountLockedUntil > now
  }

  /** A lock without end holds for all. */
  isLockedToAll(): boolean {
    return this.accountLocked && this.accountLockedUntil == null
  }
}
UserSettingsSchema.setClass(UserSettings)

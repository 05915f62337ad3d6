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
    /** Of strangers, in a row: since one of them got in, or since the last lock. */
    failedLoginAttempts: p.integer(),
    accountLocked: p.boolean(),
    accountLockedUntil: timeColumn().nullable(),
  },
})

/** How a person signs in, and how it went lately. */
export class UserSettings extends UserSettingsSchema.class {
  /** A lock that ends is the work of strangers, and holds for them; one without end holds for all. */
  isLockedFor({ now, isKnownNetwork }: { now: Date; isKnownNetwork: boolean }): boolean {
    if (!this.accountLocked) return false
    if (!this.accountLockedUntil) return true
    return !isKnownNetwork && this.accountLockedUntil > now
  }
}
UserSettingsSchema.setClass(UserSettings)

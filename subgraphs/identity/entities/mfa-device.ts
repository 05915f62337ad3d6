import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const MfaDeviceSchema = defineEntity({
  name: 'MfaDevice',
  tableName: 'mfa_devices',
  indexes: [{ name: 'idx_user_device', properties: ['userId', 'deviceType'] }],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    deviceType: p.string().length(50),
    deviceId: p.string().length(255),
    /** Ciphertext under the person's key. */
    secret: p.text().nullable(),
    isActive: p.boolean(),
    createdAt: timeColumn(),
    lastUsed: timeColumn().nullable(),
  },
})

/** A second factor of a person. */
export class MfaDevice extends MfaDeviceSchema.class {}
MfaDeviceSchema.setClass(MfaDevice)

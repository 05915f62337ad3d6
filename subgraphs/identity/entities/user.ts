import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const USER_STATUS = ['active', 'suspended'] as const
export type UserStatus = (typeof USER_STATUS)[number]

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: idColumn(),
    /** Ciphertext under the person's key; null only while the row is being made, or after erasure. */
    email: p.text().nullable(),
    emailHash: p.string().length(43).nullable().unique(),
    displayName: p.text().nullable(),
    discordId: p.text().nullable(),
    discordHash: p.string().length(43).nullable().unique(),
    /** PHC string of Argon2id; null for a person who signs in another way. */
    password: p.string().length(255).nullable(),
    passwordChangedAt: timeColumn().nullable(),
    /** Counts what ended all tokens of the person. */
    tokenGeneration: p.integer(),
    status: p.string().length(20).$type<UserStatus>(),
    createdAt: timeColumn(),
    places: () => p.oneToMany(UserPlace).mappedBy('userId'),
  },
})

/** A person known to the platform. No column holds personal data in clear. */
export class User extends UserSchema.class {
  isActive(): boolean {
    return this.status === 'active'
  }
}
UserSchema.setClass(User)

const UserPlaceSchema = defineEntity({
  name: 'UserPlace',
  tableName: 'user_places',
  uniques: [{ properties: ['userId', 'place'] }],
  indexes: [{ properties: ['tenantId', 'userId'] }, { properties: ['guildId', 'userId'] }],
  properties: {
    id: idColumn(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id'),
    tenantId: refColumn(),
    guildId: refColumn().nullable(),
    /** `t:<tenant>` or `g:<guild>`. */
    place: p.string().length(22),
  },
})

/**
 * Where a person is known: a guild in which he is a member or holds a role, or a tenant in which he
 * holds one. It decides who may see him, and is written in the transaction of the membership or role.
 */
export class UserPlace extends UserPlaceSchema.class {}
UserPlaceSchema.setClass(UserPlace)

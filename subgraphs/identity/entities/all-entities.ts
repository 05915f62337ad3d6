import { PersonKey } from '#kernel/crypto/person-key.ts'
import { ApiKey } from './api-key.ts'
import { GuildMember } from './guild-member.ts'
import { GuildTenant } from './guild-tenant.ts'
import { KnownNetwork } from './known-network.ts'
import { MfaDevice } from './mfa-device.ts'
import { RefreshFamily } from './refresh-family.ts'
import { Role } from './role.ts'
import { SecurityEvent } from './security-event.ts'
import { Session } from './session.ts'
import { SigningKey } from './signing-key.ts'
import { TenantStanding } from './tenant-standing.ts'
import { User, UserPlace } from './user.ts'
import { UserRole } from './user-role.ts'
import { UserSettings } from './user-settings.ts'

/** Every table of identity. */
export const IDENTITY_ENTITIES = [
  User,
  UserPlace,
  UserSettings,
  MfaDevice,
  Role,
  UserRole,
  GuildMember,
  SecurityEvent,
  PersonKey,
  Session,
  RefreshFamily,
  ApiKey,
  SigningKey,
  GuildTenant,
  TenantStanding,
  KnownNetwork,
] as const

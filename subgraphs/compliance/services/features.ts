import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { complianceError } from '../errors.ts'
import type { ComplianceRequest } from './request.ts'

/** Paid features of a guild are there once tenancy says so. @throws AUDIT_FEATURE_NOT_INCLUDED */
export async function acrossTenantsRequireFeatures(
  { acrossTenants, viewer }: ComplianceRequest,
  { tenantId, guildId }: { tenantId: string | null; guildId: string | null },
): Promise<void> {
  if (guildId === null || tenantId === null || viewer.reach.kind === 'platform') return
  const where = { guildId, tenantId, enterpriseFeatures: true }
  if ((await acrossTenants().count(GuildPlace, where)) === 0) {
    throw complianceError('AUDIT_FEATURE_NOT_INCLUDED')
  }
}

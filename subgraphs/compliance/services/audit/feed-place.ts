import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { complianceError } from '../../errors.ts'

/** Whose entries or alerts are followed; without tenant the platform's own. */
export type FeedPlace = { tenantId: string | null; guildId: string | null }

/** Within the viewer's reach; the reach itself where no tenant is named. @throws AUDIT_CHAIN_NOT_FOUND */
export function feedPlaceOf({ reach }: Viewer, asked: string | null): FeedPlace {
  if (reach.kind === 'none') throw complianceError('AUDIT_CHAIN_NOT_FOUND')
  if (reach.kind === 'platform') {
    if (asked !== null && !isDecimalId(asked)) throw complianceError('AUDIT_CHAIN_NOT_FOUND')
    return { tenantId: asked, guildId: null }
  }
  if (asked !== null && asked !== reach.tenantId) throw complianceError('AUDIT_CHAIN_NOT_FOUND')
  const guildId = reach.kind === 'guild' ? reach.guildId : null
  return { tenantId: reach.tenantId, guildId }
}

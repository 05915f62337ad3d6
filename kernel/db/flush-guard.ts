import {
  type ChangeSet,
  ChangeSetType,
  type EventSubscriber,
  type FlushEventArgs,
  type UnitOfWork,
} from '@mikro-orm/core'
import type { Reach } from '../auth/viewer.ts'
import { databaseError } from './errors.ts'
import { reachOf } from './tenant-filter.ts'

type Owned = { tenantId?: string | null; guildId?: string | null }

function isWithin(reach: Reach, row: Owned): boolean {
  if (reach.kind === 'platform') return true
  if (reach.kind === 'none') return false
  if (row.tenantId !== reach.tenantId) return false
  return reach.kind === 'tenant' || !('guildId' in row) || row.guildId === reach.guildId
}

/** A row as it will stand, and for a row that stands already also as it was loaded. */
function statesOf(change: ChangeSet<object>, uow: UnitOfWork): Owned[] {
  const after = change.entity as Owned
  if (change.type === ChangeSetType.CREATE) return [after]
  // Without its original the row was never read through the filter: nothing shows whose it is.
  const before = (uow.getOriginalEntityData(change.entity) ?? {}) as Owned
  return [after, before]
}

/** Refuses every flush that would write, move or remove a row beyond the reach of its manager. */
export class FlushGuard implements EventSubscriber {
  onFlush({ em, uow }: FlushEventArgs): void {
    const reach = reachOf(em)
    for (const change of uow.getChangeSets()) {
      if (!('tenantId' in change.meta.properties)) continue
      if (!statesOf(change, uow).every((row) => isWithin(reach, row))) {
        throw databaseError('TENANT_ISOLATION_VIOLATED', { entity: change.meta.className })
      }
    }
  }
}

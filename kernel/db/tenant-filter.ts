import type { EntityManager, FilterDef } from '@mikro-orm/core'
import type { Reach } from '../auth/viewer.ts'

/** The name under which the filter's parameter, the reach, is kept in an entity manager. */
export const TENANT_FILTER = 'tenant'

type ReachParameter = { reach: Reach }

/** The reach that an entity manager was made for. */
export function reachOf(em: EntityManager): Reach {
  const parameter = em.getFilterParams<ReachParameter>(TENANT_FILTER)
  return parameter?.reach ?? { kind: 'none' }
}

/** Gives an entity manager the rows it may see. */
export function setReach(em: EntityManager, reach: Reach): void {
  em.setFilterParams(TENANT_FILTER, { reach } satisfies ReachParameter)
}

/** A condition that no row meets. */
const NOTHING = { id: null }

/**
 * The default-on filter of every read: rows of the reach's tenant (and guild) alone. Entities named
 * in `platformRowsVisible` also show the rows that belong to nobody, such as roles of the platform.
 */
export function createTenantFilter(platformRowsVisible: ReadonlySet<string>): FilterDef {
  const conditionFor = (reach: Reach, columns: ReadonlySet<string>, entity: string) => {
    if (reach.kind === 'platform' || !columns.has('tenantId')) return {}
    if (reach.kind === 'none') {
      return platformRowsVisible.has(entity) ? { tenantId: null } : NOTHING
    }
    const own =
      reach.kind === 'guild' && columns.has('guildId')
        ? { tenantId: reach.tenantId, guildId: reach.guildId }
        : { tenantId: reach.tenantId }
    return platformRowsVisible.has(entity) ? { $or: [own, { tenantId: null }] } : own
  }
  return {
    name: TENANT_FILTER,
    default: true,
    cond: (parameter: ReachParameter, _type, em, _options, entityName = '') => {
      const metadata = em.getMetadata().getByClassName(entityName)
      return conditionFor(parameter.reach, new Set(Object.keys(metadata.properties)), entityName)
    },
  } as FilterDef
}

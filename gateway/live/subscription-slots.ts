import type { Viewer } from '#kernel/auth/viewer.ts'
import { gatewayError } from '../errors.ts'
import { createClientSlots } from './client-slots.ts'
import type { LiveSettings } from './live-settings.ts'

/** The subscriptions that are open for one user or key, and within one tenant. */
export type SubscriptionSlots = {
  /** Counts one more until the returned function is called. @throws MAX_SUBSCRIPTIONS_LIMIT */
  take: (viewer: Pick<Viewer, 'userId' | 'keyId' | 'reach'>) => () => void
}

/** Whoever is nobody is bounded by address alone, and a reach without tenant by its user alone. */
export function createSubscriptionSlots({
  subscriptionsPerUser,
  subscriptionsPerTenant,
}: Pick<LiveSettings, 'subscriptionsPerUser' | 'subscriptionsPerTenant'>): SubscriptionSlots {
  const users = createClientSlots(subscriptionsPerUser)
  const tenants = createClientSlots(subscriptionsPerTenant)
  return {
    take({ userId, keyId, reach }) {
      const ofUser = users.take(userId ?? (keyId === null ? null : `key ${keyId}`))
      if (!ofUser) throw gatewayError('MAX_SUBSCRIPTIONS_LIMIT')
      const ofTenant = tenants.take('tenantId' in reach ? reach.tenantId : null)
      if (!ofTenant) {
        ofUser()
        throw gatewayError('MAX_SUBSCRIPTIONS_LIMIT')
      }
      return () => {
        ofUser()
        ofTenant()
      }
    },
  }
}

import type { RequestContext } from '#kernel/graphql/builder.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createChangeLog } from './services/change-log.ts'
import { type Customizations, createCustomizations } from './services/customizations.ts'
import { createFeatureFlags, type FeatureFlags } from './services/feature-flags.ts'
import { createGuilds, type Guilds } from './services/guilds.ts'
import { createLive, type Live } from './services/live.ts'
import { createOwnPlaces, type OwnPlaces } from './services/own-places.ts'
import { createQuotas, type Quotas } from './services/quotas.ts'
import type { TenancyRequest } from './services/request.ts'
import { createTenants, type Tenants } from './services/tenants.ts'

export type TenancyServices = {
  tenants: Tenants
  guilds: Guilds
  quotas: Quotas
  customizations: Customizations
  featureFlags: FeatureFlags
  ownPlaces: OwnPlaces
  live: Live
}

/** What tenancy's resolvers work with. */
export type TenancyContext = RequestContext & TenancyServices

type Deps = Pick<SubgraphDeps, 'database' | 'clock' | 'audit' | 'outbox' | 'events'>

/** Services bound to one viewer's reach. */
export function createContext(deps: Deps, requestContext: RequestContext): TenancyContext {
  const { database, clock, audit, outbox, events } = deps
  const { viewer, resume, signal } = requestContext
  const em = database.fork(viewer.reach)
  const request: TenancyRequest = {
    viewer,
    clock,
    changes: createChangeLog({ audit, outbox, events, viewer }),
    em,
    read: () => database.fork(viewer.reach),
    acrossTenants: database.acrossTenants,
  }
  const tenants = createTenants(request)
  const guilds = createGuilds(request)
  return {
    ...requestContext,
    tenants,
    guilds,
    quotas: createQuotas(request),
    customizations: createCustomizations(request),
    featureFlags: createFeatureFlags(request),
    ownPlaces: createOwnPlaces({ viewer, guilds, tenants }),
    live: createLive({ events, tenants, viewer, resume, signal }),
  }
}

import type {
  ConsoleTenantGuildsQuery,
  ConsoleTenantQuotasQuery,
  ConsoleTenantsQuery,
} from '../../gql/documents.ts'

/** A tenant, as the list and its own page show it. */
export type Tenant = NonNullable<ConsoleTenantsQuery['tenants']>['edges'][number]['node']

/** A guild of a tenant. */
export type Guild = NonNullable<ConsoleTenantGuildsQuery['guilds']>['edges'][number]['node']

/** A quota of a tenant. */
export type Quota = NonNullable<ConsoleTenantQuotasQuery['quotas']>['edges'][number]['node']

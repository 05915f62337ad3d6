/** Which tenants are shown, as it stands in the address. */
export type TenantsSearch = { q?: string }

/** Which part of a tenant is shown. */
export type TenantSearch = { tab: 'guilds' | 'quotas' }

const TABS = ['guilds', 'quotas'] as const

/** Whatever an address says, bounded. */
export function parseTenantsSearch({ q }: Record<string, unknown>): TenantsSearch {
  return typeof q === 'string' && q.trim() !== '' ? { q: q.slice(0, 100) } : {}
}

/** Whatever an address says, bounded. */
export function parseTenantSearch({ tab }: Record<string, unknown>): TenantSearch {
  return { tab: TABS.find((name) => name === tab) ?? 'guilds' }
}

/** Which tenants are shown, as it stands in the address. */
export type TenantsSearch = { q?: string }

/** Which part of a tenant is shown. */
export type TenantSearch = { tab: 'guilds' | 'quotas' }

/** Every part of a tenant, in the order of its tabs. */
export const TENANT_TABS = ['guilds', 'quotas'] as const

const LONGEST = 100

/** Whatever an address says, bounded. */
export function parseTenantsSearch({ q }: Record<string, unknown>): TenantsSearch {
  const text = typeof q === 'number' ? String(q) : q
  return typeof text === 'string' && text.trim() !== '' ? { q: text.slice(0, LONGEST) } : {}
}

/** Whatever an address says, bounded. */
export function parseTenantSearch({ tab }: Record<string, unknown>): TenantSearch {
  return { tab: TENANT_TABS.find((name) => name === tab) ?? 'guilds' }
}

import type { TestPlatform } from '../../kit/platform.ts'

/** Takes the tenant filter out of every database until disposed: what it guards must then leak. */
export function withoutTenantFilter(platform: TestPlatform): Disposable {
  const filters = platform.local.platform.services.map(({ database }) => {
    const { tenant } = database.orm.config.get('filters')
    if (!tenant) throw new Error(`${database.name} has no tenant filter to take out`)
    return { tenant, cond: tenant.cond }
  })
  for (const { tenant } of filters) tenant.cond = {}
  return {
    [Symbol.dispose]: () => {
      for (const { tenant, cond } of filters) tenant.cond = cond
    },
  }
}

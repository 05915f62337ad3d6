import { useMay, useSession } from '../../session/rights.ts'

/** What this person may do about tenants, beyond seeing them. */
export type TenancyRights = {
  /** Open, suspend and restore tenants. */
  mayRunTenants: boolean
  mayReadGuilds: boolean
  /** Register and remove guilds. */
  mayWriteGuilds: boolean
  /** Change the name and settings of a guild. */
  mayChangeGuilds: boolean
  /** Change what is paid for. */
  isPlatform: boolean
  mayReadQuotas: boolean
  maySetQuotas: boolean
}

/** The rights of whoever is signed in; some hold for the platform's operators alone, whatever their scopes. */
export function useTenancyRights(): TenancyRights {
  const { reach } = useSession()
  const isPlatform = reach === 'PLATFORM'
  const mayChangeGuilds = useMay('guilds:write')
  const mayWriteTenants = useMay('tenants:write')
  const mayWriteQuotas = useMay('quotas:write')
  return {
    isPlatform,
    mayRunTenants: mayWriteTenants && isPlatform,
    mayReadGuilds: useMay('guilds:read'),
    mayChangeGuilds,
    mayWriteGuilds: mayChangeGuilds && reach !== 'GUILD',
    mayReadQuotas: useMay('quotas:read'),
    maySetQuotas: mayWriteQuotas && isPlatform,
  }
}

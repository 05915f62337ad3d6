import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect } from 'react'
import { ConsoleTenancyChangedDocument } from '../../gql/documents.ts'
import { follow } from '../../live/follow.ts'
import { useSession } from '../../session/rights.ts'

/** Changes come in bursts: what is shown is read once after each. */
const CALM_MS = 500

const followTenant = (tenantId: string, onChange: () => void) =>
  follow(ConsoleTenancyChangedDocument, { tenantId }, { event: onChange, reread: onChange })

/** Tells, once after each burst, that something of these tenants changed. */
export function useTenancyNews(tenantIds: readonly string[], onChange: () => void): void {
  const tell = useDebouncedCallback(onChange, CALM_MS)
  // Rights in one guild do not reach the feed of a tenant.
  const isWithin = useSession().reach !== 'GUILD'
  const key = isWithin ? tenantIds.join(' ') : ''
  useEffect(() => {
    if (key === '') return
    const closings = key.split(' ').map((id) => followTenant(id, tell))
    return () => {
      for (const close of closings) close()
    }
  }, [key, tell])
}

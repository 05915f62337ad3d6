import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { Pages } from '../../api/use-pages.ts'
import { EmptyState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { ListEnd } from './list-end.tsx'
import type { Tenant } from './tenant.ts'
import { ROW_HEIGHTS, TenantColumns, TenantRow } from './tenant-row.tsx'

/** The tenants that were found, or why there are none. */
export function TenantsList({
  pages,
  q,
  onClear,
  onStanding,
}: {
  pages: Pages<Tenant>
  q: string | undefined
  onClear: () => void
  onStanding: ((tenant: Tenant) => void) | null
}) {
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false })
  const { rows, problem, reload, isFirstLoad } = pages
  if (rows.length === 0) {
    if (problem) return <ProblemNote problem={problem} onRetry={reload} />
    if (isFirstLoad) return <SkeletonRows height={56} />
    return <NoTenants q={q} mayOpen={onStanding !== null} onClear={onClear} />
  }
  return (
    <div>
      <TenantColumns />
      <VirtualRows
        label="Tenants by name"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? ROW_HEIGHTS.narrow : ROW_HEIGHTS.wide}
        onNearEnd={pages.hasMore ? pages.loadMore : undefined}
        footer={<ListEnd pages={pages} />}
      >
        {(tenant) => <TenantRow tenant={tenant} onStanding={onStanding} />}
      </VirtualRows>
    </div>
  )
}

function NoTenants({
  q,
  mayOpen,
  onClear,
}: {
  q: string | undefined
  mayOpen: boolean
  onClear: () => void
}) {
  if (q === undefined) {
    return (
      <EmptyState title="There are no tenants yet">
        {mayOpen
          ? 'Open the first one with the button above; then register its guilds.'
          : 'As soon as you have a role in a tenant, it appears here.'}
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No tenant has this in its name or code"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the search
        </Button>
      }
    >
      The search looks for the letters as you type them. Try a shorter part of the name.
    </EmptyState>
  )
}

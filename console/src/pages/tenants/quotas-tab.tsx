import { Button, Group, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { type Pages, usePages } from '../../api/use-pages.ts'
import { ConsoleTenantQuotasDocument } from '../../gql/documents.ts'
import { EmptyState, ForbiddenState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { ListEnd } from './list-end.tsx'
import { QuotaColumns, QuotaRow, ROW_HEIGHTS } from './quota-row.tsx'
import { useTenancyRights } from './rights.ts'
import { SetQuotaDialog } from './set-quota-dialog.tsx'
import type { Quota, Tenant } from './tenant.ts'
import { useReloadOn } from './use-reload-on.ts'

const PAGE = 50

type Props = { tenant: Tenant; turn: number }

/** How much a tenant may use, and has used. */
export function QuotasTab(props: Props) {
  const { mayReadQuotas } = useTenancyRights()
  if (mayReadQuotas) return <Quotas {...props} />
  return <ForbiddenState what="the quotas of this tenant" needs={['quotas:read']} />
}

/** The browser holds no longer timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A period that ends while its figures are shown makes them old. */
function useReloadAtReset(quotas: readonly Quota[], reload: () => void): void {
  const next = quotas.reduce<string | null>(
    (first, { resetsAt }) => (resetsAt && (!first || resetsAt < first) ? resetsAt : first),
    null,
  )
  useEffect(() => {
    if (next === null) return
    const waitMs = Math.max(1_000, Date.parse(next) - Date.now() + 1_000)
    const timer = setTimeout(reload, Math.min(waitMs, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  }, [next, reload])
}

function Quotas({ tenant, turn }: Props) {
  const { maySetQuotas } = useTenancyRights()
  const [chosen, setChosen] = useState<Quota | 'new' | null>(null)
  const pages = usePages({
    document: ConsoleTenantQuotasDocument,
    variables: { first: PAGE, tenantId: tenant.id },
    connectionIn: ({ quotas }) => quotas,
  })
  useReloadOn(turn, pages.reload)
  useReloadAtReset(pages.rows, pages.reload)
  return (
    <div>
      <Group justify="space-between" mb="sm" gap="xs">
        <Text size="sm" className="quiet">
          {maySetQuotas
            ? 'How much this tenant may use, and how much programs have reported in the present period, by useQuota.'
            : 'What programs have reported, by useQuota, of what this tenant may use. The platform operator sets it; ask there for more.'}
        </Text>
        {maySetQuotas ? (
          <Button
            size="xs"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setChosen('new')}
          >
            Set a quota
          </Button>
        ) : null}
      </Group>
      <QuotaList pages={pages} onChange={maySetQuotas ? setChosen : null} />
      <SetQuotaDialog {...{ tenant, chosen, onClose: () => setChosen(null) }} />
    </div>
  )
}

function QuotaList({
  pages,
  onChange,
}: {
  pages: Pages<Quota>
  onChange: ((quota: Quota) => void) | null
}) {
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false })
  const { rows, problem, reload, isFirstLoad } = pages
  if (rows.length === 0) {
    if (problem) return <ProblemNote problem={problem} onRetry={reload} />
    if (isFirstLoad) return <SkeletonRows rows={4} height={80} />
    return (
      <EmptyState title="No quota is set">
        {onChange
          ? 'Set the first one with the button above, such as api.points.'
          : 'Nothing that this tenant uses is counted against a limit.'}
      </EmptyState>
    )
  }
  return (
    <div>
      <QuotaColumns />
      <VirtualRows
        label="Quotas by resource"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? ROW_HEIGHTS.narrow : ROW_HEIGHTS.wide}
        onNearEnd={pages.hasMore ? pages.loadMore : undefined}
        footer={<ListEnd pages={pages} />}
      >
        {(quota) => <QuotaRow quota={quota} onChange={onChange} />}
      </VirtualRows>
    </div>
  )
}

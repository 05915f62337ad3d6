import { Alert, Anchor, Button, Tabs } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { problemIn } from '../../api/problem.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { ConsoleTenantDocument } from '../../gql/documents.ts'
import { Page } from '../../parts/page.tsx'
import { EmptyState, ForbiddenState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { useMay } from '../../session/rights.ts'
import { GuildsTab } from './guilds-tab.tsx'
import { QuotasTab } from './quotas-tab.tsx'
import { useTenancyRights } from './rights.ts'
import { StandingDialog } from './standing-dialog.tsx'
import { PLAN_WORDS } from './tenancy-words.ts'
import type { Tenant } from './tenant.ts'
import { TenantStatus } from './tenant-status.tsx'
import classes from './tenants.module.css'
import { TENANT_TABS } from './tenants-search.ts'
import { useNewsTurn } from './use-news-turn.ts'

/** One tenant with its guilds and quotas. */
export function TenantPage() {
  const { tenantId } = useParams({ from: '/tenants/$tenantId' })
  if (!useMay('tenants:read')) {
    return (
      <Page title="Tenant">
        <ForbiddenState what="this tenant" needs={['tenants:read']} />
      </Page>
    )
  }
  return isId(tenantId) ? <AskedTenant key={tenantId} tenantId={tenantId} /> : <NoSuchTenant />
}

const isId = (text: string) => /^\d{1,19}$/.test(text)

/** The same for what does not exist and what lies beyond one's reach. */
function NoSuchTenant() {
  return (
    <Page title="Tenant">
      <EmptyState
        title="There is no such tenant here"
        action={
          <Anchor component={Link} to="/tenants">
            To your tenants
          </Anchor>
        }
      >
        The address may be mistyped, or it is none of the tenants that you may see.
      </EmptyState>
    </Page>
  )
}

function AskedTenant({ tenantId }: { tenantId: string }) {
  const [{ data, error }, execute] = useAnswer({
    query: ConsoleTenantDocument,
    variables: { id: tenantId },
  })
  const reload = () => execute({ requestPolicy: 'network-only' })
  if (data?.tenant) return <ShownTenant tenant={data.tenant} reload={reload} />
  if (error) {
    return (
      <Page title="Tenant">
        <ProblemNote problem={problemIn(error)} onRetry={reload} />
      </Page>
    )
  }
  if (data) return <NoSuchTenant />
  return (
    <Page title="Tenant">
      <SkeletonRows rows={6} height={56} />
    </Page>
  )
}

function Facts({ tenant: { code, status, planType } }: { tenant: Tenant }) {
  return (
    <span className={classes.facts}>
      <Anchor component={Link} to="/tenants" size="sm">
        All tenants
      </Anchor>
      <span>
        Code <span className={classes.code}>{code}</span>
      </span>
      {planType ? <span>{`${PLAN_WORDS[planType]} plan`}</span> : null}
      <TenantStatus status={status} />
    </span>
  )
}

function ShownTenant({ tenant, reload }: { tenant: Tenant; reload: () => void }) {
  const { mayRunTenants } = useTenancyRights()
  const [changed, setChanged] = useState<Tenant | null>(null)
  const turn = useNewsTurn(tenant.id, reload)
  const isActive = tenant.status === 'ACTIVE'
  const Icon = isActive ? IconPlayerPause : IconPlayerPlay
  return (
    <Page
      title={tenant.name}
      lead={<Facts tenant={tenant} />}
      actions={
        mayRunTenants ? (
          <Button
            variant="default"
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => setChanged(tenant)}
          >
            {isActive ? 'Suspend' : 'Restore'}
          </Button>
        ) : null
      }
    >
      {isActive ? null : <SuspendedNote mayRestore={mayRunTenants} />}
      <Parts
        guilds={<GuildsTab tenant={tenant} turn={turn} />}
        quotas={<QuotasTab tenant={tenant} turn={turn} />}
      />
      <StandingDialog tenant={changed} onClose={() => setChanged(null)} onChanged={reload} />
    </Page>
  )
}

function SuspendedNote({ mayRestore }: { mayRestore: boolean }) {
  return (
    <Alert
      role="status"
      color="yellow"
      variant="light"
      icon={<IconPlayerPause aria-hidden />}
      title="This tenant is suspended"
    >
      Whoever has roles in it cannot use them, and nothing new can be added.{' '}
      {mayRestore
        ? 'Restore it to let it go on.'
        : 'The platform operator can restore it; ask there.'}
    </Alert>
  )
}

const TAB_WORDS = { guilds: 'Guilds', quotas: 'Quotas' } as const

function Parts(parts: Readonly<Record<(typeof TENANT_TABS)[number], ReactNode>>) {
  const { tab } = useSearch({ from: '/tenants/$tenantId' })
  const navigate = useNavigate({ from: '/tenants/$tenantId' })
  const choose = (name: string | null) => {
    const chosen = TENANT_TABS.find((known) => known === name) ?? 'guilds'
    void navigate({ search: { tab: chosen }, resetScroll: false })
  }
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List mb="sm">
        {TENANT_TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {TAB_WORDS[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TENANT_TABS.map((name) => (
        <Tabs.Panel key={name} value={name}>
          {parts[name]}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

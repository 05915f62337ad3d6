import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ActionMenu, type RowAction } from './action-menu.tsx'
import { dayText, PLAN_WORDS } from './tenancy-words.ts'
import type { Tenant } from './tenant.ts'
import { TenantStatus } from './tenant-status.tsx'
import classes from './tenants.module.css'

/** One line of columns, or two lines where the window is narrow. */
export const ROW_HEIGHTS = { wide: 56, narrow: 88 } as const

/** Names the columns of the rows below it. */
export function TenantColumns() {
  return (
    <div className={classes.columns} data-columns="tenants" aria-hidden>
      <span>Name</span>
      <span>Code</span>
      <span>Plan</span>
      <span>Status</span>
      <span>Opened</span>
    </div>
  )
}

const standingAction = (status: Tenant['status'], run: () => void): RowAction =>
  status === 'ACTIVE'
    ? { words: 'Suspend …', Icon: IconPlayerPause, run }
    : { words: 'Restore …', Icon: IconPlayerPlay, run }

/** One tenant; its name leads to its page. `onStanding` stands where it may be suspended and restored. */
export function TenantRow({
  tenant,
  onStanding,
}: {
  tenant: Tenant
  onStanding: ((tenant: Tenant) => void) | null
}) {
  const { id, code, name, status, planType, createdAt } = tenant
  return (
    <div className={classes.row} data-columns="tenants" data-tenant={id}>
      <Link
        to="/tenants/$tenantId"
        params={{ tenantId: id }}
        search={{ tab: 'guilds' }}
        className={classes.link}
        title={name}
      >
        {name}
      </Link>
      <span className={classes.code} title={code}>
        {code}
      </span>
      <span className={classes.plan}>{planType ? PLAN_WORDS[planType] : 'Plan not shown'}</span>
      <span className={classes.standing}>
        <TenantStatus status={status} />
      </span>
      <span className={classes.day}>{dayText(createdAt)}</span>
      {onStanding ? (
        <ActionMenu
          label={`Actions for ${code}`}
          actions={[standingAction(status, () => onStanding(tenant))]}
        />
      ) : null}
    </div>
  )
}

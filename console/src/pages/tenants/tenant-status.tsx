import { IconCircleCheck, IconPlayerPauseFilled } from '@tabler/icons-react'
import type { TenantStatus as Status } from '../../gql/documents.ts'
import { STATUS_WORDS } from './tenancy-words.ts'
import classes from './tenants.module.css'

/** Whether a tenant may go on: a word and a sign. */
export function TenantStatus({ status }: { status: Status }) {
  const Icon = status === 'ACTIVE' ? IconCircleCheck : IconPlayerPauseFilled
  return (
    <span className={classes.status} data-status={status}>
      <Icon size={16} aria-hidden />
      {STATUS_WORDS[status]}
    </span>
  )
}

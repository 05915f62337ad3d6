import { List, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleRestoreTenantDocument, ConsoleSuspendTenantDocument } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import type { Tenant } from './tenant.ts'
import classes from './tenants.module.css'

type Props = { tenant: Tenant; onClose: () => void; onChanged: () => void }

/** Suspends a tenant that is active, and restores one that is suspended, after saying what that means. */
export function StandingDialog({
  tenant,
  onClose,
  onChanged,
}: Omit<Props, 'tenant'> & { tenant: Tenant | null }) {
  const isActive = tenant?.status === 'ACTIVE'
  return (
    <Dialog
      title={isActive ? 'Suspend this tenant' : 'Restore this tenant'}
      isOpen={tenant !== null}
      onClose={onClose}
    >
      {tenant ? <StandingForm {...{ tenant, onClose, onChanged }} /> : null}
    </Dialog>
  )
}

function StandingForm(props: Props) {
  // What was asked stays while the answer changes the tenant under it.
  const [isActive] = useState(props.tenant.status === 'ACTIVE')
  return isActive ? <SuspendForm {...props} /> : <RestoreForm {...props} />
}

function Named({ tenant: { name } }: { tenant: Tenant }) {
  return (
    <Text size="md" fw={600} lineClamp={2} title={name} className={classes.wrap}>
      {name}
    </Text>
  )
}

function SuspendForm({ tenant, onClose, onChanged }: Props) {
  const [typed, setTyped] = useState('')
  const { run, isRunning, problem } = useChange(ConsoleSuspendTenantDocument)
  const submit = async () => {
    if (!(await run({ input: { tenantId: tenant.id } }))) return
    tell({ tone: 'done', message: `${tenant.name} is suspended.` })
    onChanged()
    onClose()
  }
  return (
    <DialogForm
      problem={problem}
      isRunning={isRunning}
      action="Suspend tenant"
      isDangerous
      isReady={typed.trim() === tenant.code}
      onCancel={onClose}
      onSubmit={() => void submit()}
    >
      <Named tenant={tenant} />
      <List size="sm" spacing={4}>
        <List.Item>Whoever has roles in it loses them for now; their tokens end at once.</List.Item>
        <List.Item>Nothing new can be added to it: no guilds, no use of its quotas.</List.Item>
        <List.Item>Nothing is deleted. Restoring it gives everybody their roles back.</List.Item>
      </List>
      <TextInput
        label={`Type the code ${tenant.code} to go on`}
        value={typed}
        maxLength={49}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        onChange={({ currentTarget: { value } }) => setTyped(value)}
      />
    </DialogForm>
  )
}

function RestoreForm({ tenant, onClose, onChanged }: Props) {
  const { run, isRunning, problem } = useChange(ConsoleRestoreTenantDocument)
  const submit = async () => {
    if (!(await run({ input: { tenantId: tenant.id } }))) return
    tell({ tone: 'done', message: `${tenant.name} is active again.` })
    onChanged()
    onClose()
  }
  return (
    <DialogForm
      problem={problem}
      isRunning={isRunning}
      action="Restore tenant"
      onCancel={onClose}
      onSubmit={() => void submit()}
    >
      <Named tenant={tenant} />
      <Text size="sm">
        Whoever had roles in it has them again and can sign in for it. It can add guilds and use its
        quotas from now on.
      </Text>
    </DialogForm>
  )
}

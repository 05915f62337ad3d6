import { Select, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleSetQuotaDocument, type ResetPeriod } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import { refusedField } from './refused-field.ts'
import { optionsOf, PERIOD_WORDS } from './tenancy-words.ts'
import type { Quota, Tenant } from './tenant.ts'

type Props = {
  tenant: Tenant
  /** The quota to change, or a new one. */
  chosen: Quota | 'new'
  onClose: () => void
}

/** Sets how much of a resource a tenant may use. */
export function SetQuotaDialog({
  chosen,
  ...props
}: Omit<Props, 'chosen'> & { chosen: Quota | 'new' | null }) {
  return (
    <Dialog
      title={chosen === 'new' ? 'Set a quota' : 'Change this quota'}
      isOpen={chosen !== null}
      onClose={props.onClose}
    >
      {chosen ? <SetQuotaForm chosen={chosen} {...props} /> : null}
    </Dialog>
  )
}

const FIELDS = ['resource', 'limit'] as const

/** A whole number without the signs that group it; null for what is none. */
function amountIn(text: string): string | null {
  const digits = text.replaceAll(/[\s,_.']/g, '')
  return /^\d{1,16}$/.test(digits) ? digits : null
}

function SetQuotaForm({ tenant, chosen, onClose }: Props) {
  const before = chosen === 'new' ? null : chosen
  const [hasLimit, setHasLimit] = useState(before === null || before.limit !== null)
  const [isNoNumber, setNoNumber] = useState(false)
  const { run, clear, isRunning, problem } = useChange(ConsoleSetQuotaDocument)
  const refused = refusedField(problem, FIELDS)
  const errorOf = (name: (typeof FIELDS)[number]) => (refused?.name === name ? refused.text : null)
  const submit = async (form: FormData) => {
    const resource = before?.resource ?? String(form.get('resource')).trim()
    const limit = hasLimit ? amountIn(String(form.get('limit'))) : null
    setNoNumber(hasLimit && limit === null)
    if (hasLimit && limit === null) return
    const resetPeriod = String(form.get('resetPeriod')) as ResetPeriod
    if (!(await run({ input: { tenantId: tenant.id, resource, limit, resetPeriod } }))) return
    tell({ tone: 'done', message: `The quota of ${resource} is set.` })
    onClose()
  }
  return (
    <DialogForm
      problem={refused ? null : problem}
      isRunning={isRunning}
      action="Set quota"
      onCancel={onClose}
      onSubmit={(form) => void submit(form)}
    >
      <ResourceField before={before} error={errorOf('resource')} onChange={clear} />
      <Switch
        label="With a limit"
        description="Without one, use is counted and never refused."
        checked={hasLimit}
        onChange={({ currentTarget: { checked } }) => setHasLimit(checked)}
      />
      {hasLimit ? (
        <TextInput
          name="limit"
          label="Limit"
          description="Units in one period. What was used in the present one counts on."
          required
          inputMode="numeric"
          maxLength={24}
          defaultValue={before?.limit ?? ''}
          autoComplete="off"
          data-autofocus={before !== null || undefined}
          error={
            isNoNumber ? 'Give a whole number, 0 or more, of at most 16 digits.' : errorOf('limit')
          }
          onChange={() => {
            setNoNumber(false)
            clear()
          }}
        />
      ) : null}
      <Select
        name="resetPeriod"
        label="Period"
        description="By the clock of UTC."
        data={optionsOf(PERIOD_WORDS)}
        defaultValue={before?.resetPeriod ?? 'MONTHLY'}
        allowDeselect={false}
      />
    </DialogForm>
  )
}

type ResourceFieldProps = {
  before: { resource: string } | null
  error: string | null
  onChange: () => void
}

function ResourceField({ before, error, onChange }: ResourceFieldProps) {
  return (
    <TextInput
      name="resource"
      label="Resource"
      description="What is counted, such as api.points: a letter, then 1 to 49 of a-z, 0-9, _, . and -."
      required
      maxLength={50}
      defaultValue={before?.resource ?? ''}
      readOnly={before !== null}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      data-autofocus={before === null || undefined}
      error={error}
      onChange={onChange}
    />
  )
}

import { Select, TextInput } from '@mantine/core'
import { useChange } from '../../api/use-change.ts'
import { ConsoleOpenTenantDocument, type PlanType } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import { refusedField } from './refused-field.ts'
import { optionsOf, PLAN_WORDS } from './tenancy-words.ts'

type Props = { onClose: () => void }

/** Opens a tenant. */
export function OpenTenantDialog({ isOpen, ...props }: Props & { isOpen: boolean }) {
  return (
    <Dialog title="Open a tenant" isOpen={isOpen} onClose={props.onClose}>
      <OpenTenantForm {...props} />
    </Dialog>
  )
}

const FIELDS = ['code', 'name'] as const

function OpenTenantForm({ onClose }: Props) {
  const { run, clear, isRunning, problem } = useChange(ConsoleOpenTenantDocument)
  const refused = refusedField(problem, FIELDS)
  const errorOf = (name: (typeof FIELDS)[number]) => (refused?.name === name ? refused.text : null)
  const submit = async (form: FormData) => {
    const name = String(form.get('name')).trim()
    const code = String(form.get('code')).trim()
    const planType = String(form.get('planType')) as PlanType
    if (!(await run({ input: { code, name, planType } }))) return
    tell({ tone: 'done', message: `The tenant ${name} is open.` })
    onClose()
  }
  return (
    <DialogForm
      problem={refused ? null : problem}
      isRunning={isRunning}
      action="Open tenant"
      onCancel={onClose}
      onSubmit={(form) => void submit(form)}
    >
      <TextInput
        name="code"
        label="Code"
        description="Its short name in addresses: a letter, then 1 to 48 of a-z, 0-9 and -. It never changes."
        required
        maxLength={49}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        error={errorOf('code')}
        onChange={clear}
      />
      <TextInput
        name="name"
        label="Name"
        description="For people, up to 255 characters."
        required
        maxLength={255}
        autoComplete="off"
        error={errorOf('name')}
        onChange={clear}
      />
      <Select
        name="planType"
        label="Plan"
        data={optionsOf(PLAN_WORDS)}
        defaultValue="BASIC"
        allowDeselect={false}
      />
    </DialogForm>
  )
}

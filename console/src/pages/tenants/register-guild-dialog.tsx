import { TextInput } from '@mantine/core'
import { useChange } from '../../api/use-change.ts'
import { ConsoleRegisterGuildDocument } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import { refusedField } from './refused-field.ts'
import type { Tenant } from './tenant.ts'

type Props = { tenant: Tenant; onClose: () => void }

/** Registers a guild with a tenant. */
export function RegisterGuildDialog({ isOpen, ...props }: Props & { isOpen: boolean }) {
  return (
    <Dialog title="Register a guild" isOpen={isOpen} onClose={props.onClose}>
      <RegisterGuildForm {...props} />
    </Dialog>
  )
}

const FIELDS = ['guildId', 'name'] as const

function RegisterGuildForm({ tenant, onClose }: Props) {
  const { run, clear, isRunning, problem } = useChange(ConsoleRegisterGuildDocument)
  const refused = refusedField(problem, FIELDS)
  const errorOf = (name: (typeof FIELDS)[number]) => (refused?.name === name ? refused.text : null)
  const submit = async (form: FormData) => {
    const guildId = String(form.get('guildId')).trim()
    const name = String(form.get('name')).trim()
    if (!(await run({ input: { tenantId: tenant.id, guildId, name } }))) return
    tell({ tone: 'done', message: `The guild ${name} is registered.` })
    onClose()
  }
  return (
    <DialogForm
      problem={refused ? null : problem}
      isRunning={isRunning}
      action="Register guild"
      onCancel={onClose}
      onSubmit={(form) => void submit(form)}
    >
      <TextInput
        name="guildId"
        label="Discord id"
        description="17 to 19 digits. In Discord: switch on developer mode, right-click the server, Copy Server ID."
        required
        inputMode="numeric"
        maxLength={19}
        autoComplete="off"
        data-autofocus
        error={errorOf('guildId')}
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
    </DialogForm>
  )
}

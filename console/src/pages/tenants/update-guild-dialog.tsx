import { Switch, TextInput } from '@mantine/core'
import { useChange } from '../../api/use-change.ts'
import { ConsoleUpdateGuildDocument, type UpdateGuildInput } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import { refusedField } from './refused-field.ts'
import type { Guild } from './tenant.ts'

type Props = { guild: Guild; isPlatform: boolean; onClose: () => void }

/** Changes the name and the settings of a guild. */
export function UpdateGuildDialog({
  guild,
  ...props
}: Omit<Props, 'guild'> & { guild: Guild | null }) {
  return (
    <Dialog title="Name and settings" isOpen={guild !== null} onClose={props.onClose}>
      {guild ? <UpdateGuildForm guild={guild} {...props} /> : null}
    </Dialog>
  )
}

const SWITCHES = ['enterpriseFeatures', 'complianceMode', 'auditLogging'] as const

/** Only what differs from the guild as it stands: the rest may change under this form. */
function changeOf(guild: Guild, form: FormData): UpdateGuildInput {
  const name = String(form.get('name')).trim()
  const before = guild.settings
  const changed = SWITCHES.filter((key) => before && form.has(key) !== before[key])
  return {
    guildId: guild.id,
    ...(name === guild.name ? {} : { name }),
    ...Object.fromEntries(changed.map((key) => [key, form.has(key)])),
  }
}

function UpdateGuildForm({ guild, isPlatform, onClose }: Props) {
  const { run, clear, isRunning, problem } = useChange(ConsoleUpdateGuildDocument)
  const refused = refusedField(problem, ['name'])
  const { settings } = guild
  const submit = async (form: FormData) => {
    // A switch that may not be used is not part of the form: it stays as it is.
    if (!isPlatform && settings?.enterpriseFeatures) form.set('enterpriseFeatures', 'on')
    const input = changeOf(guild, form)
    if (Object.keys(input).length > 1) {
      if (!(await run({ input }))) return
      tell({ tone: 'done', message: `The guild ${input.name ?? guild.name} is changed.` })
    }
    onClose()
  }
  return (
    <DialogForm
      problem={refused ? null : problem}
      isRunning={isRunning}
      action="Save"
      onCancel={onClose}
      onSubmit={(form) => void submit(form)}
    >
      <TextInput
        name="name"
        label="Name"
        required
        maxLength={255}
        defaultValue={guild.name}
        autoComplete="off"
        data-autofocus
        error={refused?.text}
        onChange={clear}
      />
      <Switch
        name="enterpriseFeatures"
        label="Enterprise features"
        description={
          isPlatform
            ? 'What the guild pays for.'
            : 'What the guild pays for. Only the platform operator changes this.'
        }
        defaultChecked={settings?.enterpriseFeatures ?? false}
        disabled={!isPlatform}
        onChange={clear}
      />
      <Switch
        name="complianceMode"
        label="Compliance mode"
        description="The stricter rules hold in this guild."
        defaultChecked={settings?.complianceMode ?? false}
        onChange={clear}
      />
      <Switch
        name="auditLogging"
        label="Audit of reads"
        description="Who reads what is logged too; changes always are."
        defaultChecked={settings?.auditLogging ?? false}
        onChange={clear}
      />
    </DialogForm>
  )
}

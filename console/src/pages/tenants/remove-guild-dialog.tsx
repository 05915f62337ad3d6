import { List, Text } from '@mantine/core'
import { useChange } from '../../api/use-change.ts'
import { ConsoleRemoveGuildDocument } from '../../gql/documents.ts'
import { tell } from '../../parts/tell.tsx'
import { Dialog, DialogForm } from './dialog.tsx'
import type { Guild } from './tenant.ts'
import classes from './tenants.module.css'

type Props = { guild: Guild; onClose: () => void }

/** Removes a guild, after saying what ends with it. */
export function RemoveGuildDialog({
  guild,
  ...props
}: Omit<Props, 'guild'> & { guild: Guild | null }) {
  return (
    <Dialog title="Remove this guild" isOpen={guild !== null} onClose={props.onClose}>
      {guild ? <RemoveGuildForm guild={guild} {...props} /> : null}
    </Dialog>
  )
}

function RemoveGuildForm({ guild, onClose }: Props) {
  const { run, isRunning, problem } = useChange(ConsoleRemoveGuildDocument)
  const submit = async () => {
    if (!(await run({ input: { guildId: guild.id } }))) return
    tell({ tone: 'done', message: `The guild ${guild.name} is removed.` })
    onClose()
  }
  return (
    <DialogForm
      problem={problem}
      isRunning={isRunning}
      action="Remove guild"
      isDangerous
      onCancel={onClose}
      onSubmit={() => void submit()}
    >
      <div>
        <Text size="md" fw={600} lineClamp={2} title={guild.name} className={classes.wrap}>
          {guild.name}
        </Text>
        <Text size="xs" className="quiet">{`Discord id ${guild.id}`}</Text>
      </div>
      <List size="sm" spacing={4}>
        <List.Item>It leaves the platform; its settings are gone.</List.Item>
        <List.Item>Its memberships and all roles given in it end at once.</List.Item>
        <List.Item>
          The server at Discord is not touched. Registering it again begins anew.
        </List.Item>
      </List>
    </DialogForm>
  )
}

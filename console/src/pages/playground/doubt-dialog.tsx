import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { type ExplainedRight, type Look, needsInWords } from './explain/explanation.ts'

/** Whether a change should not run without a second look. */
export const isDoubtful = (look: Look): boolean =>
  look.kind === 'explained' &&
  (!look.explanation.isAllowed || look.explanation.cost?.isWithinBounds === false)

export type DoubtDialogProps = {
  /** Null: there is no doubt. */
  doubt: Look | null
  onRun: () => void
  onClose: () => void
}

/** Asks whether a change is to run of which a part would be refused. */
export function DoubtDialog({ doubt, onRun, onClose }: DoubtDialogProps) {
  const rights = doubt?.kind === 'explained' ? doubt.explanation.rights : []
  const missing = rights.filter(({ isHeld }) => !isHeld)
  return (
    <Modal opened={doubt !== null} onClose={onClose} title="A part of this change would be refused">
      <Stack gap="sm">
        <Text size="sm">
          {missing.length > 0
            ? 'These rights are missing. What does not need them would still happen.'
            : 'It costs more points than it may now.'}
        </Text>
        <ul style={{ margin: 0, fontSize: 14 }}>
          {missing.slice(0, 10).map((right) => (
            <li key={`${right.coordinate} ${right.paths.join(' ')}`}>{lineOf(right)}</li>
          ))}
        </ul>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onRun}>
            Run it anyway
          </Button>
          <Button onClick={onClose} data-autofocus>
            Change it first
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

const lineOf = (right: ExplainedRight) =>
  `${needsInWords(right)}, at ${right.paths[0] ?? 'the operation'}`

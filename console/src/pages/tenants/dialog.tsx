import { Button, Group, Modal, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import type { Problem } from '../../api/problem.ts'
import { ProblemNote } from '../../parts/states.tsx'

/** A dialog; what it holds begins anew each time it opens. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
}: {
  title: string
  isOpen: boolean
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      centered
      transitionProps={{ duration: 0 }}
    >
      {children}
    </Modal>
  )
}

/** The form of a dialog: what is refused stands in it, and what was typed stays. */
export function DialogForm({
  problem,
  isRunning,
  action,
  isDangerous = false,
  isReady = true,
  onCancel,
  onSubmit,
  children,
}: {
  problem: Problem | null
  isRunning: boolean
  action: string
  isDangerous?: boolean
  isReady?: boolean
  onCancel: () => void
  onSubmit: (form: FormData) => void
  children: ReactNode
}) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (isReady && !isRunning) onSubmit(new FormData(event.currentTarget))
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={isRunning}
            disabled={!isReady}
            {...(isDangerous ? { color: 'red.9' } : {})}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

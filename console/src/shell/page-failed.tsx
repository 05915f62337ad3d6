import { Button, Group } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Page } from '../parts/page.tsx'
import { EmptyState } from '../parts/states.tsx'

/** Chunks of an older build are gone after an upgrade. */
const isOldBuild = (error: unknown) =>
  error instanceof Error && /dynamically imported module|Importing a module/i.test(error.message)

/** A page that broke, or whose script did not come. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const title = isOldBuild(error) ? 'A part of this page did not load' : 'This page broke'
  return (
    <Page title="Something went wrong">
      <EmptyState
        title={title}
        action={
          <Group>
            <Button variant="default" onClick={reset}>
              Try again
            </Button>
            <Button onClick={() => location.reload()}>Load the console anew</Button>
          </Group>
        }
      >
        {isOldBuild(error)
          ? 'The network was cut, or the platform was upgraded meanwhile. What you changed before is stored.'
          : 'What you changed before is stored. If it happens again, tell the operator what you did.'}
      </EmptyState>
    </Page>
  )
}

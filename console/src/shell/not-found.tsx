import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Page } from '../parts/page.tsx'
import { EmptyState } from '../parts/states.tsx'

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Page title="Not found">
      <EmptyState
        title="There is no page at this address"
        action={
          <Anchor component={Link} to="/">
            To the first page
          </Anchor>
        }
      >
        It may have been mistyped, or the page has moved.
      </EmptyState>
    </Page>
  )
}

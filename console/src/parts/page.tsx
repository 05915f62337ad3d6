import { Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import classes from './page.module.css'

/** A page with its one heading, what it is for, and what may be done on it. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string
  lead?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · DBSBM Console`
  }, [title])
  return (
    <Stack gap="md">
      <div className={classes.head}>
        <Stack gap={0} className={classes.words}>
          <Title order={1} lineClamp={2} title={title} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {lead ? (
            <Text size="sm" className="quiet">
              {lead}
            </Text>
          ) : null}
        </Stack>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </div>
      {children}
    </Stack>
  )
}

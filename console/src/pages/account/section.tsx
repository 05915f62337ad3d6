import { Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import card from '../../parts/card.module.css'
import classes from './account.module.css'

/** One part of the page, with its heading. */
export function Section({
  title,
  lead,
  isWide = false,
  children,
}: {
  title: string
  lead?: string
  isWide?: boolean
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={`${card.card} ${isWide ? classes.wide : ''}`} aria-labelledby={id}>
      <Stack gap="sm">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead ? (
            <Text size="sm" className="quiet">
              {lead}
            </Text>
          ) : null}
        </div>
        {children}
      </Stack>
    </section>
  )
}

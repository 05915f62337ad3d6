import { Group, Text } from '@mantine/core'
import classes from './shell.module.css'

/** The mark of the product with its name. */
export function Mark() {
  return (
    <Group gap={8} wrap="nowrap">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#0b7285" />
        <path
          d="M7 21l6-7 4 4 8-9"
          fill="none"
          stroke="#fff"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <Text fw={650} size="md" className={classes.name ?? ''}>
        DBSBM
      </Text>
    </Group>
  )
}

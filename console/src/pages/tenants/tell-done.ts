import { notifications } from '@mantine/notifications'

/** Says in passing that a change is stored. */
export function tellDone(message: string): void {
  const text = message.length > 160 ? `${message.slice(0, 157)} …` : message
  notifications.show({ message: text, color: 'teal' })
}

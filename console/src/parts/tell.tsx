import { Notifications, notifications } from '@mantine/notifications'
import '@mantine/notifications/styles.css'
import { noticesPlace } from './notices-place.ts'

/** What is said in passing, at the edge of the page. */
export type Notice = {
  title?: string
  message: string
  /** `done`: what was asked for has happened; `failed`: it has not; `plain`: neither. */
  tone: 'done' | 'failed' | 'plain'
}

const COLORS: Readonly<Record<Notice['tone'], string>> = {
  done: 'teal',
  failed: 'red',
  plain: 'gray',
}
/** A name of somebody's own may be part of it. */
const LONGEST = 400

const Notices = () => <Notifications position="bottom-right" limit={3} />
noticesPlace.set(Notices)

/** Says it for some seconds, also over a change of the page. */
export function tell({ title, message, tone }: Notice): void {
  const text = message.length > LONGEST ? `${message.slice(0, LONGEST - 2)} …` : message
  notifications.show({ title, message: text, color: COLORS[tone] })
}

import { freshToken } from '../../session/session.ts'
import { createStore } from '../../store.ts'
import { timesForgotten } from './kept-tabs.ts'

/** In whose name the playground asks. */
export type Credential = { kind: 'session' } | { kind: 'key'; text: string } | { kind: 'nobody' }

/** In memory alone: it goes with the tab, and when somebody signs out or another comes. Null: nothing chosen yet. */
export const credential = createStore<Credential | null>(null)

timesForgotten.listen(() => credential.set(null))

// What goes into a header; anything else would be told, secret and all, in the error of `fetch`.
const SENDABLE = /^[\x21-\x7e]+$/

/** Whether a text can be a key at all. */
export const isSendable = (text: string): boolean => SENDABLE.test(text.trim())

/** The header in which it travels; none for nobody. @throws SessionRefused while the platform is away */
export async function authorizationOf(asker: Credential): Promise<Record<string, string>> {
  if (asker.kind === 'nobody') return {}
  const token = asker.kind === 'key' ? asker.text.trim() : await freshToken()
  return token && isSendable(token) ? { authorization: `Bearer ${token}` } : {}
}

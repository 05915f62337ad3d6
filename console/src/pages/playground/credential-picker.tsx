import { Group, PasswordInput, SegmentedControl } from '@mantine/core'
import { gatewayFacts } from '../../gateway-facts.ts'
import { sessionState } from '../../session/session.ts'
import { useStore } from '../../store.ts'
import { type Credential, credential, isSendable } from './credential.ts'

/** In whose name the playground asks: as chosen, else in one's own, else in nobody's. */
export function useCredential(): Credential {
  const chosen = useStore(credential)
  const isSignedIn = useStore(sessionState).kind === 'signed-in'
  if (chosen?.kind === 'session' && !isSignedIn) return { kind: 'nobody' }
  return chosen ?? (isSignedIn ? { kind: 'session' } : { kind: 'nobody' })
}

/** Chooses in whose name is asked. A key stays in memory, and goes with this tab. */
export function CredentialPicker() {
  const isSignedIn = useStore(sessionState).kind === 'signed-in'
  const asker = useCredential()
  const choices = [
    ...(isSignedIn ? [{ value: 'session', label: 'Me' }] : []),
    { value: 'key', label: gatewayFacts.hasPlatform ? 'An API key' : 'A token' },
    { value: 'nobody', label: 'Nobody' },
  ]
  const choose = (kind: string) => {
    if (kind === 'key') credential.set({ kind, text: '' })
    else credential.set({ kind: kind === 'session' ? 'session' : 'nobody' })
  }
  return (
    <Group gap="xs" align="start" justify="flex-end">
      {asker.kind === 'key' ? <KeyField text={asker.text} /> : null}
      <SegmentedControl
        aria-label="In whose name"
        data={choices}
        value={asker.kind}
        onChange={choose}
      />
    </Group>
  )
}

function KeyField({ text }: { text: string }) {
  const isWrong = text !== '' && !isSendable(text)
  return (
    <PasswordInput
      aria-label="API key, kept in memory alone"
      placeholder="dsk_live_… (kept in memory alone)"
      autoComplete="off"
      spellCheck={false}
      w={{ base: '100%', xs: 288 }}
      maxLength={4_096}
      value={text}
      onChange={({ currentTarget: { value } }) => credential.set({ kind: 'key', text: value })}
      error={isWrong ? 'A key has no spaces and no other signs.' : null}
    />
  )
}

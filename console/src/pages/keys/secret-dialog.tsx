import { Button, Checkbox, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconTerminal2 } from '@tabler/icons-react'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useStore } from '../../store.ts'
import { credential } from '../playground/credential.ts'
import { type IssuedKey, issuedKey } from './issued-key.ts'
import classes from './keys.module.css'

/** The secret of a key, the one time that it is told. It is left on purpose or not at all. */
export function SecretDialog() {
  const issued = useStore(issuedKey)
  return (
    <Modal
      opened={issued !== null}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Store this key now"
      size="lg"
    >
      {issued ? <Secret {...issued} /> : null}
    </Modal>
  )
}

function Secret({ text, name, isRotated }: IssuedKey) {
  const [isStored, setStored] = useState(false)
  const navigate = useNavigate()
  useStaying(!isStored)
  const openPlayground = () => {
    credential.set({ kind: 'key', text })
    issuedKey.set(null)
    void navigate({ to: '/playground' })
  }
  return (
    <Stack gap="sm">
      <Text size="sm" truncate title={name}>
        {isRotated ? 'The new secret of ' : 'The secret of '}
        <strong>{name}</strong>
      </Text>
      <Text size="sm" className="quiet">
        The platform keeps only its fingerprint: nobody can show it again. Put it into the secret
        store of the program that uses it.
        {isRotated
          ? ' The secret before it works for another 24 hours; change over until then.'
          : ''}
      </Text>
      <code className={classes.secret} data-secret>
        {text}
      </code>
      <CopyButton value={text} timeout={4_000}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            onClick={copy}
            leftSection={
              copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />
            }
            data-autofocus
          >
            {copied ? 'Copied' : 'Copy the key'}
          </Button>
        )}
      </CopyButton>
      <Checkbox
        label="I have stored it"
        checked={isStored}
        onChange={(event) => setStored(event.currentTarget.checked)}
      />
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          disabled={!isStored}
          leftSection={<IconTerminal2 size={16} aria-hidden />}
          onClick={openPlayground}
        >
          Open the playground with this key
        </Button>
        <Button disabled={!isStored} onClick={() => issuedKey.set(null)}>
          Close
        </Button>
      </Group>
    </Stack>
  )
}

/** Neither another page nor a closed tab takes the secret away before it is stored. */
function useStaying(isActive: boolean): void {
  useBlocker({ shouldBlockFn: () => issuedKey.get() !== null && isActive, disabled: !isActive })
  useEffect(() => {
    if (!isActive) return undefined
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', stay)
    return () => removeEventListener('beforeunload', stay)
  }, [isActive])
}

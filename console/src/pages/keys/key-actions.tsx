import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconBan, IconDotsVertical, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleRevokeApiKeyDocument, ConsoleRotateApiKeyDocument } from '../../gql/documents.ts'
import { ProblemNote } from '../../parts/states.tsx'
import { tell } from '../../parts/tell.tsx'
import { useMay } from '../../session/rights.ts'
import { issuedKey } from './issued-key.ts'
import type { ApiKey } from './key-state.ts'

type Wish = 'rotate' | 'revoke'

/** What may be done with a key that works. */
export function KeyActions({ apiKey }: { apiKey: ApiKey }) {
  const mayWrite = useMay('keys:write')
  const [wish, setWish] = useState<Wish | null>(null)
  const close = () => setWish(null)
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={40}
            aria-label={`What to do with ${apiKey.name}`}
          >
            <IconDotsVertical size={20} stroke={1.5} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown maw={288}>
          <Menu.Item
            leftSection={<IconRefresh size={16} aria-hidden />}
            disabled={!mayWrite}
            onClick={() => setWish('rotate')}
          >
            Rotate the secret
          </Menu.Item>
          <Menu.Item
            leftSection={<IconBan size={16} aria-hidden />}
            onClick={() => setWish('revoke')}
          >
            Revoke
          </Menu.Item>
          {mayWrite ? null : (
            <Menu.Label>
              Rotating needs the right keys:write; whoever runs your tenant gives it.
            </Menu.Label>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={wish === 'rotate'} onClose={close} title="Rotate the secret">
        <RotateForm apiKey={apiKey} onClose={close} />
      </Modal>
      <Modal opened={wish === 'revoke'} onClose={close} title="Revoke this key">
        <RevokeForm apiKey={apiKey} onClose={close} />
      </Modal>
    </>
  )
}

type FormProps = { apiKey: ApiKey; onClose: () => void }

function KeyName({ apiKey: { name, prefix } }: { apiKey: ApiKey }) {
  return (
    <Text size="sm" truncate title={name}>
      <strong>{name}</strong> <span className="quiet">{`${prefix}…`}</span>
    </Text>
  )
}

function RotateForm({ apiKey, onClose }: FormProps) {
  const { run, isRunning, problem } = useChange(ConsoleRotateApiKeyDocument)
  const rotate = async () => {
    const rotated = (await run({ input: { apiKeyId: apiKey.id } }))?.rotateApiKeySecret
    if (!rotated) return
    onClose()
    issuedKey.set({ text: rotated.text, name: apiKey.name, isRotated: true })
  }
  return (
    <Stack gap="sm">
      <KeyName apiKey={apiKey} />
      <Text size="sm">
        You get a new secret, which is shown once. The present one works for another 24 hours, so
        that programs can change over; one that was rotated out before ends at once.
      </Text>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isRunning} onClick={() => void rotate()}>
          Rotate the secret
        </Button>
      </Group>
    </Stack>
  )
}

function RevokeForm({ apiKey, onClose }: FormProps) {
  const { run, isRunning, problem } = useChange(ConsoleRevokeApiKeyDocument)
  const revoke = async () => {
    if (!(await run({ input: { apiKeyId: apiKey.id } }))?.revokeApiKey) return
    onClose()
    tell({
      tone: 'done',
      title: 'The key is revoked',
      message: 'It is refused from now on.',
    })
  }
  return (
    <Stack gap="sm">
      <KeyName apiKey={apiKey} />
      <Text size="sm">
        Every program that uses it is refused at once, live updates too. This cannot be undone; a
        program that must go on needs another key first.
      </Text>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" loading={isRunning} onClick={() => void revoke()}>
          Revoke the key
        </Button>
      </Group>
    </Stack>
  )
}

import { Button, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleCreateApiKeyDocument } from '../../gql/documents.ts'
import { ProblemNote } from '../../parts/states.tsx'
import { useSession } from '../../session/rights.ts'
import { dayText, EXPIRIES, type Expiry, expiresAtOf } from './expiry.ts'
import { issuedKey } from './issued-key.ts'
import { OTHER_PLACES, placeInput, SESSION_PLACE, usePlaceChoices } from './places.ts'
import { ScopePicker } from './scope-picker.tsx'

const LONGEST_NAME = 100

export type CreateKeyDialogProps = {
  isOpen: boolean
  onClose: () => void
  /** The key is there, and its secret is shown. */
  onCreated: () => void
}

/** Asks what a new key is for. What was typed stays after a refusal, and goes when it is closed. */
export function CreateKeyDialog({ isOpen, onClose, onCreated }: CreateKeyDialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="New API key" size="lg">
      <CreateKeyForm onClose={onClose} onCreated={onCreated} />
    </Modal>
  )
}

const DAY_MS = 86_400_000

const orNull = (isWrong: boolean, text: string) => (isWrong ? text : null)

function CreateKeyForm({ onClose, onCreated }: Omit<CreateKeyDialogProps, 'isOpen'>) {
  const { scopes: held } = useSession()
  const choices = usePlaceChoices()
  const { run, isRunning, problem } = useChange(ConsoleCreateApiKeyDocument)
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [place, setPlace] = useState<string>(SESSION_PLACE)
  const [otherId, setOtherId] = useState('')
  const [expiry, setExpiry] = useState<Expiry>('90')
  const [day, setDay] = useState(() => dayText(Date.now() + 90 * DAY_MS))
  const [isTried, setTried] = useState(false)
  const isOther = place === OTHER_PLACES.tenant || place === OTHER_PLACES.guild
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '' || scopes.length === 0) return
    const expiresAt = expiresAtOf(expiry, day, Date.now())
    const end = expiresAt === null ? {} : { expiresAt }
    const input = { name: name.trim(), scopes, ...placeInput(place, otherId), ...end }
    const created = (await run({ input }))?.createApiKey
    if (!created) return
    issuedKey.set({ text: created.text, name: created.apiKey.name, isRotated: false })
    onCreated()
  }
  return (
    <form onSubmit={(event) => void submit(event)} autoComplete="off" noValidate={!isOther}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="What will use it, so that you know it again"
          placeholder="Odds importer"
          required
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={orNull(isTried && name.trim() === '', 'Give it a name.')}
          data-autofocus
        />
        <ScopePicker
          held={held}
          chosen={scopes}
          onChange={setScopes}
          error={orNull(isTried && scopes.length === 0, 'Choose at least one right.')}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            label="Where it works"
            data={[...choices]}
            value={place}
            onChange={(value) => setPlace(value ?? SESSION_PLACE)}
            allowDeselect={false}
            searchable={choices.length > 8}
          />
          <Select
            label="For how long"
            data={EXPIRIES}
            value={expiry}
            onChange={(value) => setExpiry((value as Expiry | null) ?? '90')}
            allowDeselect={false}
          />
        </SimpleGrid>
        {isOther ? (
          <TextInput
            label={place === OTHER_PLACES.tenant ? 'Tenant id' : 'Guild id'}
            required
            pattern="\d{1,19}"
            inputMode="numeric"
            value={otherId}
            onChange={(event) => setOtherId(event.currentTarget.value)}
          />
        ) : null}
        {expiry === 'date' ? (
          <TextInput
            type="date"
            label="Last day"
            required
            min={dayText(Date.now())}
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
        ) : null}
        {expiry === 'never' ? (
          <Text size="sm" className="quiet">
            A key without an end works until you revoke it. Prefer an end, and rotate the secret
            before it.
          </Text>
        ) : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isRunning}>
            Create the key
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleCreateApiKeyDocument } from '../../gql/documents.ts'
import { ProblemNote } from '../../parts/states.tsx'
import { useSession } from '../../session/rights.ts'
import { dayComplaint, dayText, EXPIRIES, type Expiry, expiresAtOf } from './expiry.ts'
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

/** Where a key works and for how long, as it stands in the form. */
type BoundsOfKey = { place: string; otherId: string; expiry: Expiry; day: string }

const usualBounds = (): BoundsOfKey => ({
  place: SESSION_PLACE,
  otherId: '',
  expiry: '90',
  day: dayText(Date.now() + 90 * DAY_MS),
})

/** The place is named by its id. */
const isElsewhere = ({ place }: BoundsOfKey) =>
  place === OTHER_PLACES.tenant || place === OTHER_PLACES.guild

const orNull = (isWrong: boolean, text: string) => (isWrong ? text : null)

function CreateKeyForm({ onClose, onCreated }: Omit<CreateKeyDialogProps, 'isOpen'>) {
  const { scopes: held } = useSession()
  const { run, isRunning, problem } = useChange(ConsoleCreateApiKeyDocument)
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [bounds, setBounds] = useState(usualBounds)
  const [isTried, setTried] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    const { place, otherId, expiry, day } = bounds
    const now = Date.now()
    if (name.trim() === '' || scopes.length === 0 || dayComplaint(expiry, day, now)) return
    const expiresAt = expiresAtOf(expiry, day, now)
    const end = expiresAt === null ? {} : { expiresAt }
    const input = { name: name.trim(), scopes, ...placeInput(place, otherId), ...end }
    const created = (await run({ input }))?.createApiKey
    if (!created) return
    issuedKey.set({ text: created.text, name: created.apiKey.name, isRotated: false })
    onCreated()
  }
  return (
    <form
      onSubmit={(event) => void submit(event)}
      autoComplete="off"
      noValidate={!isElsewhere(bounds)}
    >
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
        <Bounds bounds={bounds} isTried={isTried} onChange={setBounds} />
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

type BoundsProps = {
  bounds: BoundsOfKey
  /** It was to be created once: from then on it is told what is wrong. */
  isTried: boolean
  onChange: (bounds: BoundsOfKey) => void
}

function Bounds({ bounds, isTried, onChange }: BoundsProps) {
  const choices = usePlaceChoices()
  const { place, otherId, expiry } = bounds
  const change = (part: Partial<BoundsOfKey>) => onChange({ ...bounds, ...part })
  return (
    <>
      <Select
        label="Where it works"
        data={[...choices]}
        value={place}
        onChange={(value) => change({ place: value ?? SESSION_PLACE })}
        allowDeselect={false}
        searchable={choices.length > 8}
      />
      {isElsewhere(bounds) ? (
        <TextInput
          label={place === OTHER_PLACES.tenant ? 'Tenant id' : 'Guild id'}
          required
          pattern="\d{1,19}"
          inputMode="numeric"
          value={otherId}
          onChange={(event) => change({ otherId: event.currentTarget.value })}
        />
      ) : null}
      <Select
        label="For how long"
        data={EXPIRIES}
        value={expiry}
        onChange={(value) => change({ expiry: (value as Expiry | null) ?? '90' })}
        allowDeselect={false}
      />
      <End bounds={bounds} isTried={isTried} onChange={onChange} />
    </>
  )
}

function End({ bounds, isTried, onChange }: BoundsProps) {
  const { expiry, day } = bounds
  if (expiry === 'date') {
    return (
      <TextInput
        type="date"
        label="Last day"
        required
        min={dayText(Date.now())}
        value={day}
        onChange={(event) => onChange({ ...bounds, day: event.currentTarget.value })}
        error={isTried ? dayComplaint(expiry, day, Date.now()) : null}
      />
    )
  }
  return expiry === 'never' ? (
    <Text size="sm" className="quiet">
      A key without an end works until you revoke it. Prefer an end, and rotate the secret before
      it.
    </Text>
  ) : null
}

import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleChangePasswordDocument } from '../../gql/documents.ts'
import { ProblemNote } from '../../parts/states.tsx'
import { tell } from '../../parts/tell.tsx'
import { Section } from './section.tsx'

const SHORTEST = 10
const LONGEST = 256

type Fields = { present: string; next: string; again: string }

const EMPTY: Fields = { present: '', next: '', again: '' }

function wrongIn({ next, again, present }: Fields): Partial<Record<keyof Fields, string>> {
  if (next.length < SHORTEST) return { next: `Use at least ${SHORTEST} characters.` }
  if (next === present) return { next: 'This is the present one.' }
  return next === again ? {} : { again: 'This is not the same.' }
}

/** Replaces one's own password. */
export function PasswordSection() {
  const { run, isRunning, problem } = useChange(ConsoleChangePasswordDocument)
  const [fields, setFields] = useState(EMPTY)
  const [isTried, setTried] = useState(false)
  const wrong = isTried ? wrongIn(fields) : {}
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(wrongIn(fields)).length > 0) return
    const input = { currentPassword: fields.present, newPassword: fields.next }
    if (!(await run({ input }))?.changePassword) return
    setFields(EMPTY)
    setTried(false)
    tell({
      tone: 'done',
      title: 'The password is changed',
      message: 'Your other sessions have ended; this one goes on.',
    })
  }
  const input = (field: keyof Fields) => ({
    value: fields[field],
    error: wrong[field],
    required: true,
    maxLength: LONGEST,
    onChange: ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) =>
      setFields((before) => ({ ...before, [field]: value })),
  })
  return (
    <Section title="Password">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Text size="sm">
            A new password ends all of your other sessions at once; this one goes on. API keys keep
            working: revoke those that somebody else may know.
          </Text>
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            {...input('present')}
          />
          <PasswordInput
            label="New password"
            description={`${SHORTEST} to ${LONGEST} characters; a sentence is good`}
            autoComplete="new-password"
            {...input('next')}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            {...input('again')}
          />
          {problem ? <ProblemNote problem={problem} /> : null}
          <Group>
            <Button type="submit" loading={isRunning}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

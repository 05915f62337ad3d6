import {
  Alert,
  Anchor,
  Button,
  Card,
  Center,
  Collapse,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { type Problem, problemOfSession } from '../../api/problem.ts'
import { ProblemNote } from '../../parts/states.tsx'
import { type SignedOutBecause, signIn } from '../../session/session.ts'
import { Mark } from '../../shell/mark.tsx'

const WHY: Readonly<Record<SignedOutBecause, string | null>> = {
  never: null,
  'signed-out': 'You are signed out.',
  'signed-out-elsewhere': 'You signed out in another tab, so this one is closed too.',
  ended:
    'Your session has ended: it was revoked, its rights changed, or it was not used for long. Nothing that you stored is lost.',
  suspended: 'This account is suspended. Ask whoever runs your tenant or the platform.',
}

const given = (form: FormData, name: string): Record<string, string> => {
  const value = String(form.get(name) ?? '').trim()
  return value === '' ? {} : { [name]: value }
}

/** Signs in; the address stays, so that whoever comes back finds the page that was open. */
export function SignInPage({ because }: { because: SignedOutBecause }) {
  useEffect(() => {
    document.title = 'Sign in · DBSBM Console'
  }, [])
  return (
    <Center mih="100vh" p="sm" component="main">
      <Stack w="100%" maw={400} gap="md">
        <Mark />
        <Stack gap={0}>
          <Title order={1}>Sign in</Title>
          <Text size="sm" className="quiet">
            To odds, bets, tenants and keys of your communities.
          </Text>
        </Stack>
        {WHY[because] ? (
          <Alert
            role="status"
            color="teal"
            variant="light"
            icon={<IconInfoCircle aria-hidden />}
            data-state={because}
          >
            {WHY[because]}
          </Alert>
        ) : null}
        {window.isSecureContext ? null : (
          <Alert color="yellow" variant="light" title="This address is not protected">
            Without TLS (https) your session ends when the page is loaded again, and others on the
            network can read along. Ask the operator for the protected address.
          </Alert>
        )}
        <SignInForm />
        <Text size="sm" className="quiet">
          You have an API key?{' '}
          <Anchor component={Link} to="/playground" underline="always">
            Open the playground
          </Anchor>{' '}
          with it.
        </Text>
      </Stack>
    </Center>
  )
}

function SignInForm() {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isRunning, setRunning] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setRunning(true)
    setProblem(null)
    await signIn({
      email: String(form.get('email') ?? '').trim(),
      password: String(form.get('password') ?? ''),
      ...given(form, 'tenantId'),
      ...given(form, 'guildId'),
    }).catch((failure: unknown) => setProblem(problemOfSession(failure)))
    setRunning(false)
  }
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Card withBorder padding="md">
        <form onSubmit={(event) => void submit(event)}>
          <Stack gap="sm">
            <TextInput
              name="email"
              type="email"
              label="E-mail"
              autoComplete="username"
              required
              maxLength={254}
              autoFocus
            />
            <PasswordInput
              name="password"
              label="Password"
              autoComplete="current-password"
              required
              maxLength={256}
            />
            <PlaceFields />
            <Button type="submit" loading={isRunning}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Card>
    </>
  )
}

/** For whoever has roles in several places, and means one of them. */
function PlaceFields() {
  const [isOpen, { toggle }] = useDisclosure(false)
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="sm"
        ta="start"
        onClick={toggle}
        aria-expanded={isOpen}
      >
        I have roles in several places
      </Anchor>
      <Collapse expanded={isOpen}>
        <Stack gap="sm">
          <TextInput
            name="tenantId"
            label="Tenant id"
            description="The tenant to act in"
            pattern="\d{1,19}"
            inputMode="numeric"
          />
          <TextInput
            name="guildId"
            label="Guild id"
            description="Or the guild to act in"
            pattern="\d{1,19}"
            inputMode="numeric"
          />
        </Stack>
      </Collapse>
    </>
  )
}

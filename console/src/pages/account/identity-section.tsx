import { Button, Group } from '@mantine/core'
import { IconLogout } from '@tabler/icons-react'
import { useSession } from '../../session/rights.ts'
import { signOut } from '../../session/session.ts'
import { useWhoAmI } from '../../session/who-am-i.ts'
import classes from './account.module.css'
import { Section } from './section.tsx'

/** Who is signed in, and where their rights hold. */
export function IdentitySection() {
  const { name, email, place } = useWhoAmI()
  const { userId } = useSession()
  return (
    <Section title="You">
      <dl className={classes.facts}>
        <dt>Name</dt>
        <dd title={name}>{name}</dd>
        <dt>E-mail</dt>
        <dd title={email}>{email || 'not told'}</dd>
        <dt>Signed in to</dt>
        <dd title={place}>{place}</dd>
        <dt>Id</dt>
        <dd>{userId}</dd>
      </dl>
      <Group>
        <Button
          variant="default"
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => void signOut()}
        >
          Sign out
        </Button>
      </Group>
    </Section>
  )
}

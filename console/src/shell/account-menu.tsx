import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core'
import { IconLogout, IconUser, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { signOut } from '../session/session.ts'
import { useWhoAmI } from '../session/who-am-i.ts'

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { name, email, place } = useWhoAmI()
  return (
    <Menu position="bottom-end" width={256} withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${name}`}>
          <Avatar color="teal" size={36} radius="xl">
            <IconUser size={20} stroke={1.5} aria-hidden />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} truncate>
            {name}
          </Text>
          <Text size="xs" className="quiet" truncate>
            {email}
          </Text>
          <Text size="xs" className="quiet" truncate>
            {place}
          </Text>
        </Menu.Label>
        <Menu.Item
          component={Link}
          to="/account"
          leftSection={<IconUserCircle size={16} aria-hidden />}
        >
          Account and sessions
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => void signOut()}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

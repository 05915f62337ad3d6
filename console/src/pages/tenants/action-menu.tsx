import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useRef } from 'react'
import classes from './tenants.module.css'

/** One thing that can be done with a row. */
export type RowAction = { words: string; Icon: typeof IconDots; run: () => void }

/** What can be done with one row of a list. */
export function ActionMenu({ label, actions }: { label: string; actions: readonly RowAction[] }) {
  const target = useRef<HTMLButtonElement>(null)
  // The menu is gone when a dialog that it opened closes: the focus comes back to what stays.
  const choose = (run: () => void) => {
    target.current?.focus()
    run()
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          ref={target}
          variant="subtle"
          color="gray"
          size={40}
          className={classes.menu}
          aria-label={label}
        >
          <IconDots size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ words, Icon, run }) => (
          <Menu.Item
            key={words}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => choose(run)}
          >
            {words}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

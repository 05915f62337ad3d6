import { ActionIcon, Button, Group, Menu, ScrollArea, Text, UnstyledButton } from '@mantine/core'
import { IconBook2, IconPlus, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useStore } from '../../store.ts'
import { EXAMPLES, type Example } from './examples.ts'
import classes from './playground.module.css'
import { addTab, chooseTab, closeTab, type OperationTab, openExample, tabs } from './tabs.ts'

/** What a tab is called: its first operation's name. */
function titleOf({ text, operationName }: OperationTab): string {
  const [, name] = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(text) ?? []
  return operationName ?? name ?? (text.trim() === '' ? 'New' : 'Without a name')
}

/** The operations that are open, and the way to more. */
export function TabStrip() {
  const { all, activeId } = useStore(tabs)
  return (
    <Group gap="xs" wrap="nowrap" align="center">
      <ScrollArea type="auto" scrollbarSize={4} offsetScrollbars={false} flex={1} miw={0}>
        <ul className={classes.tabs} aria-label="Open operations">
          {all.map((tab) => (
            <Tab
              key={tab.id}
              tab={tab}
              isActive={tab.id === activeId}
              onClose={() => closeTab(tab.id)}
            />
          ))}
          <li>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label="New operation"
              onClick={() => addTab()}
            >
              <IconPlus size={16} aria-hidden />
            </ActionIcon>
          </li>
        </ul>
      </ScrollArea>
      {EXAMPLES.length > 0 ? <ExamplesMenu /> : null}
    </Group>
  )
}

type TabProps = { tab: OperationTab; isActive: boolean; onClose: () => void }

function Tab({ tab, isActive, onClose }: TabProps) {
  const title = titleOf(tab)
  const place = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isActive) place.current?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  }, [isActive])
  return (
    <li ref={place} className={classes.tab} data-active={isActive}>
      <UnstyledButton
        className={classes.tabName}
        aria-pressed={isActive}
        title={title}
        onClick={() => chooseTab(tab.id)}
      >
        {title}
      </UnstyledButton>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={24}
        aria-label={`Close ${title}`}
        onClick={onClose}
      >
        <IconX size={12} aria-hidden />
      </ActionIcon>
    </li>
  )
}

const KINDS = [
  { kind: 'query', title: 'Ask' },
  { kind: 'mutation', title: 'Change' },
  { kind: 'subscription', title: 'Follow live' },
] as const

function ExamplesMenu() {
  return (
    <Menu position="bottom-end" withinPortal width={336}>
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          flex="none"
          leftSection={<IconBook2 size={16} aria-hidden />}
        >
          Examples
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.examples ?? ''}>
        {KINDS.map(({ kind, title }) => (
          <div key={kind}>
            <Menu.Label>{title}</Menu.Label>
            {EXAMPLES.filter((example) => example.kind === kind).map((example) => (
              <ExampleItem key={example.name} example={example} />
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function ExampleItem({ example }: { example: Example }) {
  return (
    <Menu.Item onClick={() => openExample(example)} data-example={example.name}>
      <Text size="sm">{example.title}</Text>
      {example.about ? (
        <Text size="xs" className="quiet" lineClamp={2}>
          {example.about}
        </Text>
      ) : null}
    </Menu.Item>
  )
}

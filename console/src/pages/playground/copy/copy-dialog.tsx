import { Button, CopyButton, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconCode, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import classes from '../playground.module.css'
import { type Copied, SNIPPETS } from './snippets.ts'

/** Opens the operation as code for a program. */
export function CopyAs({ copied }: { copied: Copied | null }) {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button
        variant="default"
        size="sm"
        disabled={copied === null}
        onClick={open}
        leftSection={<IconCode size={16} aria-hidden />}
      >
        Copy as
      </Button>
      <Modal opened={isOpen && copied !== null} onClose={close} title="Copy as code" size="xl">
        {copied ? <Snippet copied={copied} /> : null}
      </Modal>
    </>
  )
}

function Snippet({ copied }: { copied: Copied }) {
  const [form, setForm] = useState(SNIPPETS[0]?.value ?? '')
  const snippet = SNIPPETS.find(({ value }) => value === form)
  const code = snippet?.write(copied) ?? ''
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          aria-label="For what"
          data={SNIPPETS.map(({ value, label }) => ({ value, label }))}
          value={form}
          onChange={setForm}
        />
        <CopyButton value={code} timeout={3_000}>
          {({ copied: isCopied, copy }) => (
            <Button
              onClick={copy}
              leftSection={
                isCopied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />
              }
            >
              {isCopied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <pre className={classes.snippet} tabIndex={0} data-snippet={form}>
        {code}
      </pre>
      {copied.isSigned ? (
        <Text size="sm" className="quiet">
          The key is taken from the environment variable DBSBM_API_KEY; it is never copied from
          here.
        </Text>
      ) : null}
    </Stack>
  )
}

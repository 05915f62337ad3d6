import { Button, Checkbox, Group, Input, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import classes from './keys.module.css'

type ScopesOfResource = { resource: string; scopes: readonly string[] }

/** Scopes by what they are about. */
export function scopeGroups(scopes: readonly string[]): readonly ScopesOfResource[] {
  const groups = new Map<string, string[]>()
  for (const scope of [...scopes].sort()) {
    const resource = scope.split(':')[0] ?? scope
    const group = groups.get(resource)
    if (group) group.push(scope)
    else groups.set(resource, [scope])
  }
  return [...groups].map(([resource, members]) => ({ resource, scopes: members }))
}

export type ScopePickerProps = {
  /** All that may be chosen. */
  held: readonly string[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  error: string | null
}

/** Chooses among the rights that one holds oneself. */
export function ScopePicker({ held, chosen, onChange, error }: ScopePickerProps) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const groups = useMemo(
    () => scopeGroups(held.filter((scope) => scope.includes(wanted))),
    [held, wanted],
  )
  const reads = held.filter((scope) => scope.endsWith(':read'))
  return (
    <Input.Wrapper
      label="Rights"
      withAsterisk
      description="Only what you hold yourself. Give no more than the program needs."
      error={error}
    >
      <Stack gap="xs" mt="xs">
        <Group gap="xs" wrap="nowrap">
          <TextInput
            aria-label="Search rights"
            placeholder="Search, such as odds"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            flex={1}
            // Enter would send the form.
            onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          />
          <Button
            variant="default"
            onClick={() => onChange([...new Set([...chosen, ...reads])])}
            disabled={reads.length === 0}
          >
            All read
          </Button>
          <Button variant="default" onClick={() => onChange([])} disabled={chosen.length === 0}>
            None
          </Button>
        </Group>
        <ScrollArea.Autosize mah={216} type="auto" className={classes.scopes ?? ''}>
          <Checkbox.Group value={[...chosen]} onChange={onChange}>
            {groups.map((group) => (
              <ScopeGroup key={group.resource} {...group} />
            ))}
          </Checkbox.Group>
          {groups.length === 0 ? (
            <Text size="sm" className="quiet" p="xs">
              {held.length === 0
                ? 'You hold no rights here, so a key could do nothing.'
                : 'None of your rights is called so.'}
            </Text>
          ) : null}
        </ScrollArea.Autosize>
        <Text size="xs" className="quiet" role="status">
          {`${chosen.length} of ${held.length} chosen`}
        </Text>
      </Stack>
    </Input.Wrapper>
  )
}

function ScopeGroup({ resource, scopes }: ScopesOfResource) {
  return (
    <fieldset className={classes.scopeGroup}>
      <legend>{resource}</legend>
      {scopes.map((scope) => (
        <Checkbox
          key={scope}
          value={scope}
          label={scope.split(':')[1] ?? scope}
          aria-label={scope}
        />
      ))}
    </fieldset>
  )
}

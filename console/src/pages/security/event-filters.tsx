import { Button, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFilterOff } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { countText } from '../../parts/figures.ts'
import { eventWords } from './event-words.ts'
import classes from './security.module.css'
import type { EventFilters as Filters } from './security-event.ts'
import type { TypeCount } from './use-event-counts.ts'

const TYPING_MS = 400

/** Also the type that the address names, though no event of it is kept. */
function typeOptions(counts: readonly TypeCount[], chosen: string | undefined) {
  const options = counts.map(({ type, count }) => ({
    value: type,
    label: `${eventWords(type)} (${countText(count)})`,
  }))
  const isListed = chosen === undefined || counts.some(({ type }) => type === chosen)
  return isListed ? options : [...options, { value: chosen, label: `${eventWords(chosen)} (0)` }]
}

/** Chooses events by type and person. */
export function EventFilters({
  filters,
  counts,
  onChange,
}: {
  filters: Filters
  counts: readonly TypeCount[]
  onChange: (filters: Filters) => void
}) {
  const { type, userId } = filters
  const hasFilters = type !== undefined || userId !== undefined
  return (
    <Group align="flex-start" gap="sm" className={classes.filters}>
      <Select
        label="Event type"
        placeholder="All types"
        className={classes.filter}
        data={typeOptions(counts, type)}
        value={type ?? null}
        onChange={(value) => onChange({ ...(value ? { type: value } : {}), ...userIdOf(userId) })}
        clearable
        clearButtonProps={{ 'aria-label': 'All types' }}
        searchable
        nothingFoundMessage="No such type"
        withScrollArea={false}
        classNames={{ options: classes.options }}
      />
      <PersonFilter
        userId={userId}
        onChange={(id) => onChange({ ...(type ? { type } : {}), ...userIdOf(id) })}
      />
      {hasFilters ? (
        <Button
          className={classes.clear}
          variant="default"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange({})}
        >
          Clear filters
        </Button>
      ) : null}
    </Group>
  )
}

const userIdOf = (userId: string | undefined): Filters => (userId ? { userId } : {})

function PersonFilter({
  userId,
  onChange,
}: {
  userId: string | undefined
  onChange: (userId: string | undefined) => void
}) {
  const [text, setText] = useState(userId ?? '')
  useEffect(() => setText(userId ?? ''), [userId])
  const isId = text === '' || /^\d{1,19}$/.test(text)
  const tell = useDebouncedCallback(onChange, TYPING_MS)
  return (
    <TextInput
      label="Person id"
      placeholder="Anybody"
      inputMode="numeric"
      className={classes.filter}
      maxLength={19}
      value={text}
      error={isId ? null : 'An id is a whole number.'}
      onChange={({ currentTarget: { value } }) => {
        const id = value.trim()
        setText(id)
        if (id === '' || /^\d{1,19}$/.test(id)) tell(id === '' ? undefined : id)
      }}
    />
  )
}

import { Group, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import { ConsoleCompetitionsDocument } from '../../gql/documents.ts'
import { BOARD_MARKETS, type BoardMarket, type OddsSearch } from './odds-search.ts'

const LABELS: Readonly<Record<BoardMarket, string>> = {
  MATCH_RESULT: 'Match result',
  OVER_UNDER: 'Goals',
  BOTH_SCORE: 'Both score',
}
const TYPED_MS = 300

/** What the board shows; all of it stands in the address. */
export function OddsFilters({ search }: { search: OddsSearch }) {
  const navigate = useNavigate({ from: '/odds' })
  const [{ data }] = useAnswer({ query: ConsoleCompetitionsDocument })
  const change = (part: Partial<OddsSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...part }), replace: true })
  const [text, setText] = useState(search.q ?? '')
  // The address may change by other ways than this box.
  const [followed, setFollowed] = useState(search.q)
  if (followed !== search.q) {
    setFollowed(search.q)
    if ((search.q ?? '') !== text.trim()) setText(search.q ?? '')
  }
  const find = useDebouncedCallback((q: string) => change({ q: q.trim() || undefined }), TYPED_MS)
  const names = (data?.competitions ?? []).map(({ name }) => name)
  const known =
    search.competition && !names.includes(search.competition) ? [search.competition] : []
  return (
    <Group gap="xs" align="end">
      <TextInput
        aria-label="Find a team"
        placeholder="Find a team"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        maxLength={100}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value)
          find(currentTarget.value)
        }}
        w={{ base: '100%', xs: 208 }}
      />
      <Select
        aria-label="Competition"
        placeholder="All competitions"
        data={[...names, ...known]}
        value={search.competition ?? null}
        onChange={(competition) => change({ competition: competition ?? undefined })}
        clearable
        searchable
        limit={100}
        w={{ base: '100%', xs: 240 }}
      />
      <SegmentedControl
        aria-label="Market"
        value={search.market}
        onChange={(market) => change({ market: market as BoardMarket })}
        data={BOARD_MARKETS.map((value) => ({ value, label: LABELS[value] }))}
      />
    </Group>
  )
}

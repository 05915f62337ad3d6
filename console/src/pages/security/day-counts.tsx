import { Group, Skeleton, Text, Title, UnstyledButton } from '@mantine/core'
import { countText } from '../../parts/figures.ts'
import { eventWords } from './event-words.ts'
import classes from './security.module.css'
import type { TypeCount } from './use-event-counts.ts'

const MOST_TILES = 6

const moreText = (types: number) => {
  if (types <= 0) return ''
  return types === 1 ? ', one more type in the list' : `, ${types} more types in the list`
}

/** What happened in the last day, by type; a tile chooses its type. */
export function DayCounts({
  counts,
  chosen,
  onChoose,
}: {
  counts: readonly TypeCount[] | null
  chosen: string | undefined
  onChoose: (type: string | undefined) => void
}) {
  if (counts === null) return <Skeleton height={104} radius={8} />
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  return (
    <section aria-labelledby="last-day">
      <Group gap="xs" mb="xs" align="baseline">
        <Title order={2} size="h3" id="last-day">
          Last 24 hours
        </Title>
        <Text size="sm" className="quiet" data-figure="last-day-total">
          {total === 1 ? '1 event' : `${countText(total)} events`}
          {moreText(counts.length - MOST_TILES)}
        </Text>
      </Group>
      {counts.length === 0 ? (
        <Text size="sm" className="quiet">
          Nothing happened to accounts and rights within your reach.
        </Text>
      ) : (
        <ul className={classes.tiles}>
          {counts.slice(0, MOST_TILES).map(({ type, count }) => (
            <li key={type}>
              <UnstyledButton
                className={classes.tile}
                aria-pressed={type === chosen}
                title={`${eventWords(type)} (${type})`}
                onClick={() => onChoose(type === chosen ? undefined : type)}
              >
                <span className={classes.count}>{countText(count)}</span>
                <span className={classes.name}>{eventWords(type)}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

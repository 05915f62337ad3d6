import { Group, Loader, Text } from '@mantine/core'
import type { Pages } from '../../api/use-pages.ts'
import { ProblemNote } from '../../parts/states.tsx'

/** Below the last row of a list: that more follows, or why it does not. Nothing where all is shown. */
export function ListEnd<Row>({
  pages: { problem, retry, hasMore, isLoading },
}: {
  pages: Pages<Row>
}) {
  if (problem) return <ProblemNote problem={problem} onRetry={retry} />
  if (!hasMore) return null
  return (
    <Group justify="center" gap="xs" p="xs" mih={40}>
      {isLoading ? <Loader size={16} aria-hidden /> : null}
      <Text size="xs" className="quiet">
        More follow as you scroll.
      </Text>
    </Group>
  )
}

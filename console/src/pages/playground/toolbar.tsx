import { Button, Select, Text } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop, IconWand } from '@tabler/icons-react'
import { CopyAs } from './copy/copy-dialog.tsx'
import type { Copied } from './copy/snippets.ts'
import { pointsText } from './explain/explanation.ts'
import type { ExplainState } from './explain/use-explanation.ts'
import type { WrittenOperation } from './operations-in.ts'
import classes from './playground.module.css'

export type ToolbarProps = {
  operations: readonly WrittenOperation[]
  operation: WrittenOperation | null
  isRunning: boolean
  /** Everything is there to send it. */
  mayRun: boolean
  explained: ExplainState
  copied: Copied | null
  onChoose: (name: string) => void
  onRun: () => void
  onStop: () => void
  onTidy: () => void
}

const RUNS = { query: 'Run', mutation: 'Run the change', subscription: 'Follow' } as const

/** What can be done with the operation, and in one line what it needs. */
export function Toolbar(props: ToolbarProps) {
  const {
    operations,
    operation,
    isRunning,
    mayRun,
    explained,
    copied,
    onChoose,
    onRun,
    onStop,
    onTidy,
  } = props
  return (
    <div className={classes.tools}>
      {isRunning ? (
        <Button color="red" onClick={onStop} leftSection={<IconPlayerStop size={16} aria-hidden />}>
          Stop
        </Button>
      ) : (
        <Button
          onClick={onRun}
          disabled={!mayRun}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          title="Ctrl and Enter in the editor"
        >
          {RUNS[operation?.kind ?? 'query']}
        </Button>
      )}
      {operations.length > 1 ? (
        <Select
          aria-label="Which operation runs"
          data={operations.flatMap(({ name }) => name ?? [])}
          value={operation?.name ?? null}
          onChange={(name) => name && onChoose(name)}
          allowDeselect={false}
          w={176}
        />
      ) : null}
      <Text className={classes.summary ?? ''} component="div" data-summary>
        <Summary state={explained} />
      </Text>
      <Button
        variant="default"
        onClick={onTidy}
        disabled={operation === null}
        leftSection={<IconWand size={16} aria-hidden />}
      >
        Tidy
      </Button>
      <CopyAs copied={copied} />
    </div>
  )
}

function Summary({ state }: { state: ExplainState }) {
  if (state.kind === 'refused') return <span className={classes.bad}>✕ Would be refused</span>
  if (state.kind !== 'explained') return null
  const { cost, rights } = state.explanation
  const missing = rights.filter(({ isHeld }) => !isHeld).length
  const points = cost ? pointsText(cost.requested) : ''
  const isDear = cost !== null && !cost.isWithinBounds
  return (
    <span>
      <span className={isDear ? classes.bad : undefined}>
        {isDear ? `✕ ${points}, too much now` : points}
      </span>
      {points ? ' · ' : ''}
      <span className={missing > 0 ? classes.bad : classes.good}>
        {missing > 0
          ? `✕ ${missing} of ${rights.length} rights missing`
          : rights.length > 0
            ? '✓ all rights held'
            : '✓ needs no rights'}
      </span>
    </span>
  )
}

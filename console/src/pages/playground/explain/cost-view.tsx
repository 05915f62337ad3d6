import { Text, Title } from '@mantine/core'
import { clockText, countText } from '../../../parts/figures.ts'
import classes from '../playground.module.css'
import { type ExplainedCost, pointsText } from './explanation.ts'

/** What an operation would cost, against what it may. */
export function CostView({ cost }: { cost: ExplainedCost }) {
  const { requested, perEvent, most, remaining, resetsAt } = cost
  return (
    <section aria-label="Cost">
      <Title order={3}>Cost</Title>
      <Text size="sm">
        <strong>{pointsText(requested)}</strong>
        {perEvent === undefined ? '' : `, and ${countText(perEvent)} for each event`}
      </Text>
      {most === null ? null : (
        <Bar name="of what one operation may cost" part={requested} whole={most} />
      )}
      {remaining === null ? null : (
        <Bar
          name={`of the points left in your budget${resetsAt ? `, full again at ${clockText(resetsAt)}` : ''}`}
          part={requested}
          whole={remaining}
        />
      )}
    </section>
  )
}

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 })

const shareText = (share: number) => (share < 0.001 ? 'under 0.1%' : PERCENT.format(share))

function wordsOf(share: number): string {
  if (share > 1) return 'too much'
  return share > 0.5 ? 'much' : 'within bounds'
}

function Bar({ name, part, whole }: { name: string; part: number; whole: number }) {
  const share = whole > 0 ? part / whole : 2
  const isTooMuch = share > 1
  return (
    <div className={classes.bar}>
      <span className={classes.barLine} aria-hidden>
        <span
          className={isTooMuch ? classes.barTooMuch : classes.barPart}
          style={{ inlineSize: `${Math.max(1, Math.min(100, share * 100))}%` }}
        />
      </span>
      <Text size="xs">
        {`${isTooMuch ? '' : `${shareText(share)} `}${name}: ${countText(part)} of ${countText(whole)}, ${wordsOf(share)}.`}
      </Text>
    </div>
  )
}

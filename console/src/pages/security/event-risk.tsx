import { IconAlertTriangleFilled, IconCircleCheck, IconPointFilled } from '@tabler/icons-react'
import classes from './security.module.css'

const LEVELS = [
  { from: 0.7, word: 'high', Icon: IconAlertTriangleFilled },
  { from: 0.4, word: 'medium', Icon: IconPointFilled },
  { from: 0, word: 'low', Icon: IconCircleCheck },
] as const

/** How risky an event was judged: a figure from 0 to 1, its word and a sign. */
export function EventRisk({ score }: { score: number | null }) {
  if (score === null) return <span className="quiet">not rated</span>
  const { word, Icon } = LEVELS.find(({ from }) => score >= from) ?? LEVELS[2]
  return (
    <span className={classes.risk} data-risk={word}>
      <Icon size={16} aria-hidden />
      {`${score.toFixed(2)} ${word}`}
    </span>
  )
}

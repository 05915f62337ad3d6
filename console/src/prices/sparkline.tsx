import type { PricePoint } from './prices.ts'
import classes from './sparkline.module.css'

const WIDTH = 80
const HEIGHT = 24
const EDGE = 2

/** The way of a price as a line of steps: it stood until it changed. */
function pathOf(line: readonly PricePoint[]): string {
  const [first] = line
  const last = line.at(-1)
  if (!first || !last) return ''
  const odds = line.map((point) => point.odds)
  const [low, high] = [Math.min(...odds), Math.max(...odds)]
  const spanMs = Math.max(1, last.at - first.at)
  const x = ({ at }: PricePoint) => EDGE + ((at - first.at) / spanMs) * (WIDTH - 2 * EDGE)
  const y = (point: PricePoint) =>
    high === low
      ? HEIGHT / 2
      : HEIGHT - EDGE - ((point.odds - low) / (high - low)) * (HEIGHT - 2 * EDGE)
  const steps = line.slice(1).map((point) => `H${x(point).toFixed(1)}V${y(point).toFixed(1)}`)
  return `M${x(first).toFixed(1)} ${y(first).toFixed(1)}${steps.join('')}H${WIDTH - EDGE}`
}

/** How the best price moved, drawn small; its words stand beside it. */
export function Sparkline({ line }: { line: readonly PricePoint[] }) {
  return (
    <svg
      className={classes.line}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={pathOf(line)} />
    </svg>
  )
}

import { Text } from '@mantine/core'
import { useNow } from '../live/live-state.ts'
import { fairOddsText, oddsText, percentText, spanText } from '../parts/figures.ts'
import { edgeOver, type FairPair } from './fair-prices.ts'
import classes from './price-cell.module.css'
import { Sparkline } from './sparkline.tsx'
import { useSelectionPrices } from './use-prices.ts'

export type PriceCellProps = {
  selectionId: string
  /** In the cell: 1, X, 2. */
  sign: string
  /** Whole, for whoever does not see the cell: Kestrelby Rangers to win. */
  name: string
  fair: FairPair
  /** Absent where no bet can be placed. */
  onChoose?: (() => void) | undefined
  isChosen?: boolean
  /** No bet is taken on it any more. */
  isClosed?: boolean
}

/** Below a tenth of a hundredth there is nothing to say. */
const LEAST_EDGE = 0.001

const MOVED = {
  shorter: { sign: '▼', word: 'shortened' },
  longer: { sign: '▲', word: 'drifted' },
} as const

/** The best price for a selection: whose, how old, how it moved, and what it should be. */
export function PriceCell(props: PriceCellProps) {
  const { selectionId, sign, name, fair, onChoose, isChosen = false, isClosed = false } = props
  const { best, moved, moves, line } = useSelectionPrices(selectionId)
  if (!best) return <NoPrice sign={sign} name={name} />
  const movement = moved ? MOVED[moved] : null
  return (
    <div className={classes.holder}>
      <button
        type="button"
        className={classes.cell}
        disabled={!onChoose}
        onClick={onChoose}
        aria-pressed={isChosen}
        data-selection={selectionId}
        data-odds={best.odds}
        data-closed={isClosed || undefined}
      >
        <span className={classes.top}>
          <span className={classes.sign} aria-hidden>
            {isChosen ? '✓' : sign}
          </span>
          <Hidden>{`${name}, best price `}</Hidden>
          <span key={moves} className={classes.price} data-moved={moves > 0 ? moved : null}>
            {oddsText(best.odds)}
            <span className={classes.arrow} aria-hidden>
              {movement?.sign ?? ''}
            </span>
            {movement ? <Hidden>{` ${movement.word}`}</Hidden> : null}
          </span>
          <Sparkline line={line} />
        </span>
        <Whose source={best.source} at={best.at} />
        <Fair odds={best.odds} fair={fair} />
        {onChoose ? <Hidden>, put it on the slip</Hidden> : null}
        {isClosed ? <Hidden>, closed for bets</Hidden> : null}
      </button>
    </div>
  )
}

function Hidden({ children }: { children: string }) {
  return <span className="visually-hidden">{children}</span>
}

function NoPrice({ sign, name }: { sign: string; name: string }) {
  return (
    <div className={`${classes.cell} ${classes.holder}`} data-empty>
      <span className={classes.top}>
        <span className={classes.sign}>{sign}</span>
        <span className={classes.price}>–</span>
      </span>
      <Text size="xs" className="quiet">
        <Hidden>{`${name}: `}</Hidden>nobody offers a price
      </Text>
    </div>
  )
}

function Whose({ source, at }: { source: string; at: number }) {
  const now = useNow()
  return (
    <span className={classes.whose} title={source}>
      <span className={classes.source}>{source}</span>
      <span className={classes.age}>{spanText(now - at)}</span>
    </span>
  )
}

/** The model's price beside the market's, and whether the best price pays more than the model's. */
function Fair({ odds, fair: { model, market } }: { odds: number; fair: FairPair }) {
  const edge = model === null ? null : edgeOver(odds, model)
  return (
    <span className={classes.fair}>
      <span>{`model ${model === null ? '–' : fairOddsText(model)}`}</span>
      <span>{`market ${market === null ? '–' : fairOddsText(market)}`}</span>
      {edge !== null && edge >= LEAST_EDGE ? (
        <span className={classes.edge} title="Pays more than the model’s fair price">
          {`+${percentText(edge)}`}
        </span>
      ) : null}
    </span>
  )
}

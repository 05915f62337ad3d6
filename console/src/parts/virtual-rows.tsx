import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import classes from './virtual-rows.module.css'

export type VirtualRowsProps<Row> = {
  /** What the list is, for whoever does not see it. */
  label: string
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** In pixels, a multiple of eight. */
  rowHeight: number
  children: (row: Row) => ReactNode
  /** The next page, where one is left; asked for before the end is seen. */
  onNearEnd?: (() => void) | undefined
  /** Below the last row. */
  footer?: ReactNode
  maxHeight?: string
}

const NEAR_END = 10

/** A list of any length of which only what is seen is drawn. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { label, rows, keyOf, rowHeight, children, onNearEnd, footer, maxHeight } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(rows[index] as Row),
    overscan: 8,
  })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (onNearEnd && rows.length > 0 && last >= rows.length - NEAR_END) onNearEnd()
  }, [last, rows.length, onNearEnd])
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ maxBlockSize: maxHeight ?? '70vh' }}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
      tabIndex={0}
    >
      <ul className={classes.rows} style={{ blockSize: virtualizer.getTotalSize() }}>
        {items.map((item) => (
          <li
            key={item.key}
            className={classes.row}
            aria-setsize={rows.length}
            aria-posinset={item.index + 1}
            style={{ blockSize: item.size, transform: `translateY(${item.start}px)` }}
          >
            {children(rows[item.index] as Row)}
          </li>
        ))}
      </ul>
      {footer}
    </section>
  )
}

import { useNow } from '../live/live-state.ts'
import { spanText, wholeTimeText } from './figures.ts'

/** How long ago something was, counting on; the whole time to whoever points at it. */
export function Ago({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={wholeTimeText(at)}>
      {spanText(now - Date.parse(at))}
    </time>
  )
}

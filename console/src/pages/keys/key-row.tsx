import { IconAlertTriangle, IconBan, IconCircleCheck, IconClockOff } from '@tabler/icons-react'
import { useNow } from '../../live/live-state.ts'
import { Ago } from '../../parts/ago.tsx'
import { wholeTimeText } from '../../parts/figures.ts'
import { KeyActions } from './key-actions.tsx'
import { type ApiKey, isWorking, type KeyState, keyStateOf } from './key-state.ts'
import classes from './keys.module.css'
import { usePlaceWords } from './places.ts'

const STATES = {
  works: { words: 'Works', Icon: IconCircleCheck, className: classes.works },
  'ends-soon': { words: 'Ends soon', Icon: IconAlertTriangle, className: classes.endsSoon },
  ended: { words: 'Expired', Icon: IconClockOff, className: classes.ended },
  revoked: { words: 'Revoked', Icon: IconBan, className: classes.ended },
} as const

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const dayOf = (at: string) => DAY.format(new Date(at))

function State({ state }: { state: KeyState }) {
  const { words, Icon, className } = STATES[state]
  return (
    <span className={`${classes.state} ${className}`} data-key-state={state}>
      <Icon size={16} aria-hidden />
      {words}
    </span>
  )
}

function Scopes({ scopes, most }: { scopes: readonly string[]; most: number }) {
  const rest = scopes.length - most
  return (
    <span className={classes.chips} title={scopes.join('\n')}>
      {scopes.slice(0, most).map((scope) => (
        <span key={scope} className={classes.chip}>
          {scope}
        </span>
      ))}
      {rest > 0 ? <span className={`${classes.chip} ${classes.rest}`}>{`+${rest}`}</span> : null}
    </span>
  )
}

function endWords({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return `on ${dayOf(revokedAt)}`
  return expiresAt ? `until ${dayOf(expiresAt)}` : 'without end'
}

const endTitle = ({ revokedAt, expiresAt }: ApiKey) => {
  const at = revokedAt ?? expiresAt
  return at ? wholeTimeText(at) : undefined
}

function LastUse({ at }: { at: string | null }) {
  if (!at) return <>never used</>
  return (
    <>
      used <Ago at={at} /> ago
    </>
  )
}

/** One key: a line of a table, or where there is no room a card. */
export function KeyRow({ apiKey, isNarrow }: { apiKey: ApiKey; isNarrow: boolean }) {
  const now = useNow()
  const state = keyStateOf(apiKey, now)
  const place = usePlaceWords()(apiKey)
  const actions = isWorking(state) ? <KeyActions apiKey={apiKey} /> : <span />
  const name = (
    <div className={classes.cell}>
      <strong title={apiKey.name}>{apiKey.name}</strong>
      <span className="quiet">{`${apiKey.prefix}…`}</span>
    </div>
  )
  if (isNarrow) {
    return (
      <div className={classes.card} data-key={apiKey.id}>
        {name}
        {actions}
        <div className={classes.cell}>
          <Scopes scopes={apiKey.scopes} most={2} />
          <span className="quiet" title={place}>
            {place} · <LastUse at={apiKey.lastUsedAt} />
          </span>
          <span>
            <State state={state} /> <span className="quiet">{endWords(apiKey)}</span>
          </span>
        </div>
      </div>
    )
  }
  return (
    <div className={classes.row} data-key={apiKey.id}>
      {name}
      <Scopes scopes={apiKey.scopes} most={2} />
      <div className={classes.cell}>
        <span title={place}>{place}</span>
      </div>
      <div className={classes.cell}>
        <span>
          <LastUse at={apiKey.lastUsedAt} />
        </span>
        <span className="quiet" title={wholeTimeText(apiKey.createdAt)}>
          {`made ${dayOf(apiKey.createdAt)}`}
        </span>
      </div>
      <div className={classes.cell}>
        <State state={state} />
        <span className="quiet" title={endTitle(apiKey)}>
          {endWords(apiKey)}
        </span>
      </div>
      {actions}
    </div>
  )
}

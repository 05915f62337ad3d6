import { ActionIcon } from '@mantine/core'
import {
  IconAlertTriangleFilled,
  IconBan,
  IconCircleCheck,
  IconInfinity,
  IconPencil,
} from '@tabler/icons-react'
import { useNow } from '../../live/live-state.ts'
import { countText, dayTimeText, spanText } from '../../parts/figures.ts'
import { standingOf, usedPercent } from './quota-standing.ts'
import { PERIOD_WORDS } from './tenancy-words.ts'
import type { Quota } from './tenant.ts'
import classes from './tenants.module.css'

/** Columns, or a card where the window is narrow. */
export const ROW_HEIGHTS = { wide: 80, narrow: 152 } as const

const STANDINGS = {
  within: { word: 'Within the limit', Icon: IconCircleCheck },
  near: { word: 'Near the limit', Icon: IconAlertTriangleFilled },
  'used-up': { word: 'Used up', Icon: IconBan },
  'no-limit': { word: 'No limit', Icon: IconInfinity },
} as const

/** Names the columns of the rows below it. */
export function QuotaColumns() {
  return (
    <div className={classes.columns} data-columns="quotas" aria-hidden>
      <span>Resource</span>
      <span>Used</span>
      <span>Period</span>
      <span>State</span>
    </div>
  )
}

/** One quota with its figures. `onChange` stands where it may be set. */
export function QuotaRow({
  quota,
  onChange,
}: {
  quota: Quota
  onChange: ((quota: Quota) => void) | null
}) {
  const standing = standingOf(quota)
  const { word, Icon } = STANDINGS[standing]
  return (
    <div className={classes.row} data-columns="quotas" data-quota={quota.resource}>
      <span className={classes.named}>
        <span className={classes.name} title={quota.resource}>
          {quota.resource}
        </span>
      </span>
      <Usage quota={quota} />
      <Period quota={quota} />
      <span className={classes.quota} data-standing={standing}>
        <Icon size={16} aria-hidden />
        {word}
      </span>
      {onChange ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={40}
          className={classes.menu}
          aria-label={`Set the quota of ${quota.resource}`}
          onClick={() => onChange(quota)}
        >
          <IconPencil size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      ) : null}
    </div>
  )
}

/** The bar says nothing that its figures do not say. */
function Usage({ quota }: { quota: Quota }) {
  const { limit, used, remaining } = quota
  if (limit === null) {
    return (
      <span className={classes.usage}>
        {`${countText(used)} used`}
        <span className={classes.under}> without a limit</span>
      </span>
    )
  }
  const percent = usedPercent(quota)
  return (
    <span className={classes.usage}>
      {`${countText(used)} of ${countText(limit)}`}
      <span className="quiet">{` · ${percent.toFixed(1)} %`}</span>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.fill}
          data-standing={standingOf(quota)}
          style={{ inlineSize: `${Math.min(100, percent)}%` }}
        />
      </span>
      <span className={classes.under}>{`${countText(remaining ?? '0')} left`}</span>
    </span>
  )
}

function Period({ quota: { resetPeriod, resetsAt } }: { quota: Quota }) {
  const now = useNow()
  return (
    <span className={classes.period}>
      {PERIOD_WORDS[resetPeriod]}
      {resetsAt === null ? null : (
        <time dateTime={resetsAt} className={classes.reset}>
          {`in ${spanText(Date.parse(resetsAt) - now)}, ${dayTimeText(resetsAt)}`}
        </time>
      )}
    </span>
  )
}

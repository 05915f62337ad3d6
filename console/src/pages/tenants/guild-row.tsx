import { IconCheck, IconMinus, IconPencil, IconTrash } from '@tabler/icons-react'
import { ActionMenu } from './action-menu.tsx'
import type { TenancyRights } from './rights.ts'
import { dayText } from './tenancy-words.ts'
import type { Guild } from './tenant.ts'
import classes from './tenants.module.css'

/** What can be done with a guild of the list. */
export type GuildAction = 'change' | 'remove'

/** One line of columns, or four lines where the window is narrow. */
export const ROW_HEIGHTS = { wide: 64, narrow: 120 } as const

/** Names the columns of the rows below it. */
export function GuildColumns() {
  return (
    <div className={classes.columns} data-columns="guilds" aria-hidden>
      <span>Guild</span>
      <span>Enterprise features</span>
      <span>Compliance mode</span>
      <span>Audit of reads</span>
      <span>Registered</span>
    </div>
  )
}

/** A setting that is on or off: a sign and the words. */
function Setting({ name, isOn }: { name: string; isOn: boolean | undefined }) {
  if (isOn === undefined) return <span className="quiet">{`${name} not shown`}</span>
  const Icon = isOn ? IconCheck : IconMinus
  return (
    <span className={classes.setting} data-on={isOn}>
      <Icon size={16} aria-hidden />
      {`${name} ${isOn ? 'on' : 'off'}`}
    </span>
  )
}

type Choose = (guild: Guild, action: GuildAction) => void

/** One guild with how it is run. */
export function GuildRow({
  guild,
  rights,
  onChoose,
}: {
  guild: Guild
  rights: TenancyRights
  onChoose: Choose
}) {
  const { id, name, settings, createdAt } = guild
  return (
    <div className={classes.row} data-columns="guilds" data-guild={id}>
      <span className={classes.named}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        <span className={classes.under}>{`Discord id ${id}`}</span>
      </span>
      <Setting name="Enterprise" isOn={settings?.enterpriseFeatures} />
      <Setting name="Compliance" isOn={settings?.complianceMode} />
      <Setting name="Audit" isOn={settings?.auditLogging} />
      <span className={classes.day}>{dayText(createdAt)}</span>
      {rights.mayChangeGuilds ? <GuildMenu {...{ guild, rights, onChoose }} /> : null}
    </div>
  )
}

function GuildMenu({
  guild,
  rights: { mayWriteGuilds },
  onChoose,
}: {
  guild: Guild
  rights: TenancyRights
  onChoose: Choose
}) {
  const change = {
    words: 'Name and settings …',
    Icon: IconPencil,
    run: () => onChoose(guild, 'change'),
  }
  const remove = { words: 'Remove …', Icon: IconTrash, run: () => onChoose(guild, 'remove') }
  return (
    <ActionMenu
      label={`Actions for guild ${guild.id}`}
      actions={mayWriteGuilds ? [change, remove] : [change]}
    />
  )
}

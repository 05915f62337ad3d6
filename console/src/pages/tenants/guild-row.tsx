import { ActionIcon, Menu } from '@mantine/core'
import { IconCheck, IconDots, IconMinus, IconPencil, IconTrash } from '@tabler/icons-react'
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
      <span>Paid features</span>
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
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={40}
          className={classes.menu}
          aria-label={`Actions for guild ${guild.id}`}
        >
          <IconDots size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPencil size={16} aria-hidden />}
          onClick={() => onChoose(guild, 'change')}
        >
          Name and settings …
        </Menu.Item>
        {mayWriteGuilds ? (
          <Menu.Item
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => onChoose(guild, 'remove')}
          >
            Remove …
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  )
}

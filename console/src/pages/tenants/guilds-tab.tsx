import { Button, Group, Text } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { type Pages, usePages } from '../../api/use-pages.ts'
import { ConsoleTenantGuildsDocument } from '../../gql/documents.ts'
import { EmptyState, ForbiddenState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { type GuildAction, GuildColumns, GuildRow, ROW_HEIGHTS } from './guild-row.tsx'
import { ListEnd } from './list-end.tsx'
import { RegisterGuildDialog } from './register-guild-dialog.tsx'
import { RemoveGuildDialog } from './remove-guild-dialog.tsx'
import { type TenancyRights, useTenancyRights } from './rights.ts'
import type { Guild, Tenant } from './tenant.ts'
import { UpdateGuildDialog } from './update-guild-dialog.tsx'
import { useReloadOn } from './use-reload-on.ts'

const PAGE = 50

type Props = { tenant: Tenant; turn: number }

/** The guilds of a tenant. */
export function GuildsTab(props: Props) {
  const { mayReadGuilds } = useTenancyRights()
  if (mayReadGuilds) return <Guilds {...props} />
  return <ForbiddenState what="the guilds of this tenant" needs={['guilds:read']} />
}

/** Why no guild can be registered here, in a sentence; null where it can. */
function whyNot({ mayWriteGuilds, mayChangeGuilds }: TenancyRights, tenant: Tenant): string | null {
  if (mayWriteGuilds && tenant.status === 'SUSPENDED') {
    return 'Guilds can be registered again when the tenant is restored.'
  }
  if (mayWriteGuilds) return null
  return mayChangeGuilds
    ? 'To register or remove guilds, sign in for the whole tenant.'
    : 'To register or change guilds you need the right guilds:write.'
}

function Guilds({ tenant, turn }: Props) {
  const rights = useTenancyRights()
  const reason = whyNot(rights, tenant)
  const [isRegistering, { open, close }] = useDisclosure(false)
  const [chosen, setChosen] = useState<{ guild: Guild; action: GuildAction } | null>(null)
  const pages = usePages({
    document: ConsoleTenantGuildsDocument,
    variables: { first: PAGE, tenantId: tenant.id },
    connectionIn: ({ guilds }) => guilds,
  })
  useReloadOn(turn, pages.reload)
  const guildFor = (action: GuildAction) => (chosen?.action === action ? chosen.guild : null)
  const leave = () => setChosen(null)
  return (
    <div>
      <Group justify="space-between" mb="sm" gap="xs">
        <Text size="sm" className="quiet">
          {reason ?? 'Discord communities that belong to this tenant.'}
        </Text>
        {rights.mayWriteGuilds ? (
          <Button
            size="xs"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={reason !== null}
            onClick={open}
          >
            Register a guild
          </Button>
        ) : null}
      </Group>
      <GuildList
        pages={pages}
        rights={rights}
        reason={reason}
        onChoose={(guild, action) => setChosen({ guild, action })}
      />
      <RegisterGuildDialog {...{ isOpen: isRegistering, tenant, onClose: close }} />
      <UpdateGuildDialog
        guild={guildFor('change')}
        isPlatform={rights.isPlatform}
        onClose={leave}
      />
      <RemoveGuildDialog guild={guildFor('remove')} onClose={leave} />
    </div>
  )
}

function GuildList({
  pages,
  rights,
  reason,
  onChoose,
}: {
  pages: Pages<Guild>
  rights: TenancyRights
  reason: string | null
  onChoose: (guild: Guild, action: GuildAction) => void
}) {
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false })
  const { rows, problem, reload, isFirstLoad } = pages
  if (rows.length === 0) {
    if (problem) return <ProblemNote problem={problem} onRetry={reload} />
    if (isFirstLoad) return <SkeletonRows rows={4} height={64} />
    return (
      <EmptyState title="No guild is registered here">
        {reason ??
          'Register the first one with the button above. You need its id at Discord and a name.'}
      </EmptyState>
    )
  }
  return (
    <div>
      <GuildColumns />
      <VirtualRows
        label="Guilds by name"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? ROW_HEIGHTS.narrow : ROW_HEIGHTS.wide}
        onNearEnd={pages.hasMore ? pages.loadMore : undefined}
        footer={<ListEnd pages={pages} />}
      >
        {(guild) => <GuildRow guild={guild} rights={rights} onChoose={onChoose} />}
      </VirtualRows>
    </div>
  )
}

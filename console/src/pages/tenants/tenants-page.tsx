import { Button, CloseButton, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { usePages } from '../../api/use-pages.ts'
import { ConsoleTenantsDocument, type TenantWhere } from '../../gql/documents.ts'
import { Page } from '../../parts/page.tsx'
import { ForbiddenState } from '../../parts/states.tsx'
import { useMay } from '../../session/rights.ts'
import { OpenTenantDialog } from './open-tenant-dialog.tsx'
import { useTenancyRights } from './rights.ts'
import { StandingDialog } from './standing-dialog.tsx'
import { useTenancyNews } from './tenancy-news.ts'
import type { Tenant } from './tenant.ts'
import classes from './tenants.module.css'
import { TenantsList } from './tenants-list.tsx'

const PAGE = 50
/** So many of the list are followed live; each is a stream of its own. */
const MOST_FOLLOWED = 10
const TYPING_MS = 300

/** The tenants within reach. */
export function TenantsPage() {
  if (useMay('tenants:read')) return <Tenants />
  return (
    <Page title="Tenants">
      <ForbiddenState what="tenants" needs={['tenants:read']} />
    </Page>
  )
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The platform compares letter by letter: what is typed small is looked for as a name begins, too. */
function whereOf(q: string | undefined): TenantWhere {
  const text = q?.trim() ?? ''
  if (text === '') return {}
  const names = [...new Set([text, text.toLowerCase(), capitalised(text)])]
  return {
    or: [
      ...names.map((contains) => ({ name: { contains } })),
      { code: { contains: text.toLowerCase() } },
    ],
  }
}

function Tenants() {
  const { q } = useSearch({ from: '/tenants' })
  const navigate = useNavigate({ from: '/tenants' })
  const { mayRunTenants } = useTenancyRights()
  const [isOpening, { open, close }] = useDisclosure(false)
  const [changed, setChanged] = useState<Tenant | null>(null)
  const pages = usePages({
    document: ConsoleTenantsDocument,
    variables: { first: PAGE, where: whereOf(q) },
    connectionIn: ({ tenants }) => tenants,
  })
  useTenancyNews(
    pages.rows.slice(0, MOST_FOLLOWED).map(({ id }) => id),
    pages.reload,
  )
  const search = (text: string) => {
    const next = text.trim() === '' ? {} : { q: text }
    void navigate({ search: next, replace: true, resetScroll: false })
  }
  return (
    <Page
      title="Tenants"
      lead="Bookmakers and communities within your reach, with their guilds and quotas."
      actions={
        mayRunTenants ? (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            Open a tenant
          </Button>
        ) : null
      }
    >
      <TenantSearchField q={q ?? ''} onSearch={search} />
      <TenantsList
        pages={pages}
        q={q}
        onClear={() => search('')}
        onStanding={mayRunTenants ? setChanged : null}
      />
      {mayRunTenants ? null : (
        <Text size="xs" className="quiet">
          Only the platform operator opens, suspends and restores tenants.
        </Text>
      )}
      <OpenTenantDialog isOpen={isOpening} onClose={close} />
      <StandingDialog tenant={changed} onClose={() => setChanged(null)} onChanged={pages.reload} />
    </Page>
  )
}

function TenantSearchField({ q, onSearch }: { q: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(q)
  const tell = useDebouncedCallback(onSearch, TYPING_MS)
  useEffect(() => setText(q), [q])
  const take = (value: string) => {
    setText(value)
    tell(value)
  }
  return (
    <TextInput
      label="Search by name or code"
      type="text"
      role="searchbox"
      className={classes.search}
      maxLength={100}
      value={text}
      onChange={({ currentTarget: { value } }) => take(value)}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text === '' ? null : <CloseButton aria-label="Clear the search" onClick={() => take('')} />
      }
    />
  )
}

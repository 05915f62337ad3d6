import { Button, SegmentedControl, Text } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { usePages } from '../../api/use-pages.ts'
import { ConsoleApiKeysDocument } from '../../gql/documents.ts'
import { Page } from '../../parts/page.tsx'
import { EmptyState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { tell } from '../../parts/tell.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { useMay } from '../../session/rights.ts'
import { CreateKeyDialog } from './create-key-dialog.tsx'
import { KeyRow } from './key-row.tsx'
import { type ApiKey, isWorking, keyStateOf } from './key-state.ts'
import classes from './keys.module.css'
import { SecretDialog } from './secret-dialog.tsx'

const PAGE_SIZE = 50

/** One's own API keys: made, given new secrets, and ended here. */
export function KeysPage() {
  const mayWrite = useMay('keys:write')
  const [isCreating, { open, close }] = useDisclosure(false)
  const pages = usePages({
    document: ConsoleApiKeysDocument,
    variables: { first: PAGE_SIZE },
    connectionIn: (data) => data.apiKeys,
  })
  const created = () => {
    close()
    tell({
      tone: 'done',
      title: 'The key is made',
      message: 'Store its secret now.',
    })
  }
  const button = mayWrite ? (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
      New API key
    </Button>
  ) : null
  return (
    <Page
      title="API keys"
      lead="With a key a program acts for you, within the rights that the key was given."
      actions={
        <>
          <Filter />
          {pages.rows.length > 0 ? button : null}
        </>
      }
    >
      {mayWrite ? null : (
        <Text size="sm" className="quiet" data-state="read-only">
          Making keys and rotating secrets needs the right <code>keys:write</code>, which you do not
          hold here. Whoever runs your tenant can give it to you. Keys that you have can be revoked.
        </Text>
      )}
      {pages.problem ? <ProblemNote problem={pages.problem} onRetry={pages.retry} /> : null}
      <KeyList pages={pages} create={button} />
      <CreateKeyDialog isOpen={isCreating} onClose={close} onCreated={created} />
      <SecretDialog />
    </Page>
  )
}

function Filter() {
  const { show } = useSearch({ from: '/keys' })
  const navigate = useNavigate()
  return (
    <SegmentedControl
      aria-label="Which keys"
      data={[
        { value: 'all', label: 'All' },
        { value: 'working', label: 'Working' },
      ]}
      value={show ?? 'all'}
      onChange={(value) =>
        void navigate({
          to: '/keys',
          search: value === 'working' ? { show: 'working' } : {},
          replace: true,
        })
      }
    />
  )
}

type KeyListProps = {
  pages: ReturnType<typeof usePages<never, never, ApiKey>>
  create: React.ReactNode
}

function KeyList({ pages, create }: KeyListProps) {
  const { show } = useSearch({ from: '/keys' })
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false
  const { rows, isFirstLoad, isLoading, hasMore, problem } = pages
  if (isFirstLoad) return <SkeletonRows rows={5} height={64} />
  const now = Date.now()
  const shown =
    show === 'working' ? rows.filter((apiKey) => isWorking(keyStateOf(apiKey, now))) : rows
  if (shown.length === 0) {
    if (problem || isLoading) return problem ? null : <SkeletonRows rows={5} height={64} />
    return (
      <EmptyState title={show ? 'No key works now' : 'No keys yet'} action={create}>
        {show
          ? 'All of your keys have expired or were revoked. Make another when a program needs one.'
          : 'A key lets a program ask the platform without your password: an importer of odds, a bot of a guild, a report. It does no more than what you allow it, and you can end it at any time.'}
      </EmptyState>
    )
  }
  return (
    <div>
      {isNarrow ? null : (
        <div className={classes.head} aria-hidden>
          <span>Name</span>
          <span>Rights</span>
          <span>Where</span>
          <span>Use</span>
          <span>State</span>
          <span />
        </div>
      )}
      <VirtualRows
        label="Your API keys"
        rows={shown}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? 136 : 64}
        onNearEnd={hasMore ? pages.loadMore : undefined}
      >
        {(apiKey) => <KeyRow apiKey={apiKey} isNarrow={isNarrow} />}
      </VirtualRows>
    </div>
  )
}

import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { GraphQLError, parse, print } from 'graphql'
import { useEffect, useRef } from 'react'
import { tell } from '../../parts/tell.tsx'
import { DoubtDialog } from './doubt-dialog.tsx'
import { Panels } from './panels.tsx'
import classes from './playground.module.css'
import type { PlaygroundSearch } from './playground-search.ts'
import type { Run } from './runs.ts'
import { TabStrip } from './tab-strip.tsx'
import { editTab } from './tabs.ts'
import { Toolbar } from './toolbar.tsx'
import { useBench } from './use-bench.ts'
import { Written } from './written.tsx'

const isRunning = (run: Run) =>
  run.kind === 'asking' ||
  (run.kind === 'stream' && run.status !== 'ended' && run.status !== 'broken')

const WHY_NOT_TIDIED = 'Tidying would lose the comments that stand within the operation.'

const STAY = { replace: true, resetScroll: false } as const

/** Shows another part; the address says which. */
function useShown() {
  const search = useSearch({ from: '/playground' })
  const navigate = useNavigate()
  const show = (change: PlaygroundSearch) =>
    void navigate({
      to: '/playground',
      search: (before: PlaygroundSearch) => ({ ...before, ...change }),
      ...STAY,
    })
  const showType = (name: string | null) =>
    void navigate({
      to: '/playground',
      search: ({ type: _before, ...rest }: PlaygroundSearch) => ({
        ...rest,
        ...(name === null ? {} : { type: name }),
        panel: 'schema' as const,
      }),
      resetScroll: false,
    })
  return { search, show, showType }
}

/** The workbench: the operation on the one side, what is known of it on the other. */
export function Workbench() {
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false
  const { search, show, showType } = useShown()
  const bench = useBench(() => show({ panel: 'response' }))
  const { tab, document, operation, run, explaining, copied } = bench
  const id = useRef(tab.id)
  useEffect(() => {
    // What ran in another tab is no answer to this one.
    if (id.current !== tab.id && run.kind === 'idle' && search.panel !== 'schema') {
      show({ panel: isNarrow ? 'operation' : 'explain' })
    }
    id.current = tab.id
  })
  const tidy = () => {
    const text = tidied(tab.text)
    if (text !== null) editTab(tab.id, { text })
    else tell({ tone: 'plain', title: 'Left as it is', message: WHY_NOT_TIDIED })
  }
  const chosen = search.panel ?? (isNarrow ? 'operation' : 'explain')
  const isOnLeft = !isNarrow && (chosen === 'operation' || chosen === 'variables')
  return (
    <div className={classes.bench}>
      <TabStrip />
      <Toolbar
        operations={document.operations}
        operation={operation}
        isRunning={isRunning(run)}
        mayRun={bench.question !== null}
        explained={explaining.isOld ? { kind: 'asking' } : explaining.state}
        copied={copied}
        onChoose={(operationName) => editTab(tab.id, { operationName })}
        onRun={bench.runNow}
        onStop={bench.stop}
        onTidy={tidy}
      />
      <div className={classes.panels}>
        {isNarrow ? null : <Written bench={bench} onShowType={showType} />}
        <Panels
          bench={bench}
          isNarrow={isNarrow}
          panel={isOnLeft ? 'explain' : chosen}
          type={search.type ?? null}
          onPanel={(panel) => show({ panel })}
          onShowType={showType}
        />
      </div>
      <DoubtDialog doubt={bench.doubt} onRun={bench.runAnyway} onClose={bench.clearDoubt} />
    </div>
  )
}

function tidied(text: string): string | null {
  // Comments would be lost: what says something is left as it is.
  if (/(^|\n)\s*#/.test(text) && !/^(\s*#.*\n)+/.test(text)) return null
  try {
    const [head = ''] = /^(\s*#.*\n)+/.exec(text) ?? []
    return `${head}${print(parse(text))}\n`
  } catch (failure) {
    if (!(failure instanceof GraphQLError)) throw failure
    return null
  }
}

import { Button, Tabs, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { GraphQLError, parse, print } from 'graphql'
import { useEffect, useRef } from 'react'
import { extensionsIn } from './ask.ts'
import { DoubtDialog } from './doubt-dialog.tsx'
import { VariablesEditor } from './editor/json-editors.tsx'
import { OperationEditor } from './editor/operation-editor.tsx'
import { actualCostIn } from './explain/explanation.ts'
import { ExplanationPanel } from './explain/explanation-panel.tsx'
import { SchemaExplorer } from './explorer/schema-explorer.tsx'
import { PlanView } from './plan/plan-view.tsx'
import { planIn } from './plan/shown-plan.ts'
import classes from './playground.module.css'
import type { PanelName, PlaygroundSearch } from './playground-search.ts'
import { ResponsePanel } from './response-panel.tsx'
import type { Run } from './runs.ts'
import { TabStrip } from './tab-strip.tsx'
import { editTab } from './tabs.ts'
import { Toolbar } from './toolbar.tsx'
import { type Bench, useBench } from './use-bench.ts'
import { missingVariables } from './variables-for.ts'

const isRunning = (run: Run) =>
  run.kind === 'asking' || (run.kind === 'stream' && run.status !== 'ended')

const answerOf = (run: Run) => (run.kind === 'answered' ? run.answer.body : null)

/** Shows another part; the address says which. */
function useShown() {
  const search = useSearch({ from: '/playground' })
  const navigate = useNavigate()
  const show = (change: PlaygroundSearch) =>
    void navigate({ to: '/playground', search: { ...search, ...change }, replace: true })
  const showType = (name: string | null) => {
    const { type: _before, ...rest } = search
    const type = name === null ? {} : { type: name }
    void navigate({ to: '/playground', search: { ...rest, ...type, panel: 'schema' } })
  }
  return { search, show, showType }
}

/** The workbench: the operation on the one side, what is known of it on the other. */
export function Workbench() {
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false
  const { search, show, showType } = useShown()
  const bench = useBench(() => show({ panel: 'response' }))
  const { tab, document, operation, run, runs, explaining, copied } = bench
  const tidy = () => {
    const text = tidied(tab.text)
    if (text !== null) editTab(tab.id, { text })
  }
  const chosen = search.panel ?? (isNarrow ? 'operation' : 'explain')
  const isOnLeft = !isNarrow && (chosen === 'operation' || chosen === 'variables')
  return (
    <div className={classes.bench}>
      <TabStrip onClose={runs.forget} />
      <Toolbar
        operations={document.operations}
        operation={operation}
        isRunning={isRunning(run)}
        explained={explaining.isOld ? { kind: 'asking' } : explaining.state}
        copied={copied}
        onChoose={(operationName) => editTab(tab.id, { operationName })}
        onRun={() => void bench.runNow()}
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
      <DoubtDialog doubt={bench.doubt} onRun={bench.start} onClose={bench.clearDoubt} />
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

type ShowType = (name: string | null) => void

function OperationPart({ bench, onShowType }: { bench: Bench; onShowType: ShowType }) {
  const { tab, schema } = bench
  return (
    <OperationEditor
      key={tab.id}
      text={tab.text}
      onChange={(text) => editTab(tab.id, { text })}
      onRun={() => void bench.runNow()}
      schema={schema.kind === 'ready' ? schema.schema : null}
      onShowType={onShowType}
      className={classes.fill}
    />
  )
}

function VariablesPart({ bench: { tab, runNow } }: { bench: Bench }) {
  return (
    <VariablesEditor
      key={tab.id}
      text={tab.variables}
      onChange={(variables) => editTab(tab.id, { variables })}
      onRun={() => void runNow()}
      className={classes.fill}
    />
  )
}

/** Offers values for what must be there, where the schema is known. */
function FillIn({ bench: { tab, schema, operation, question } }: { bench: Bench }) {
  if (schema.kind !== 'ready' || !operation || !question) return null
  const missing = missingVariables(schema.schema, operation.definition, question.variables)
  const count = Object.keys(missing).length
  if (count === 0) return null
  const fill = () => {
    const variables = JSON.stringify({ ...question.variables, ...missing }, null, 2)
    editTab(tab.id, { variables })
  }
  return (
    <Button size="compact-sm" variant="light" onClick={fill}>
      {`Fill in ${count} missing`}
    </Button>
  )
}

function Written({ bench, onShowType }: { bench: Bench; onShowType: ShowType }) {
  return (
    <div className={classes.left}>
      <OperationPart bench={bench} onShowType={onShowType} />
      <div className={classes.leftHead}>
        Variables
        <FillIn bench={bench} />
      </div>
      <VariablesPart bench={bench} />
    </div>
  )
}

type PanelsProps = {
  bench: Bench
  isNarrow: boolean
  panel: PanelName
  type: string | null
  onPanel: (panel: PanelName) => void
  onShowType: ShowType
}

const TITLES: Readonly<Record<PanelName, string>> = {
  operation: 'Operation',
  variables: 'Variables',
  explain: 'Cost and rights',
  response: 'Response',
  plan: 'Query plan',
  schema: 'Schema',
}

const SCROLLING: readonly PanelName[] = ['explain', 'plan', 'schema']

function Panels(props: PanelsProps) {
  const { bench, isNarrow, panel, type, onPanel, onShowType } = props
  const names = (Object.keys(TITLES) as PanelName[]).filter(
    (name) => isNarrow || (name !== 'operation' && name !== 'variables'),
  )
  const scroller = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown anew begins at its top.
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0
  }, [panel, type])
  return (
    <Tabs
      value={panel}
      onChange={(name) => onPanel((name as PanelName | null) ?? 'explain')}
      keepMounted={false}
      className={classes.right ?? ''}
    >
      <Tabs.List className={classes.tabList ?? ''}>
        {names.map((name) => (
          <Tabs.Tab key={name} value={name} size="sm">
            {TITLES[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel
        ref={scroller}
        value={panel}
        className={classes.panel ?? ''}
        // What scrolls must be reached by keyboard; editors are reached by themselves.
        tabIndex={SCROLLING.includes(panel) ? 0 : -1}
      >
        <PanelBody bench={bench} panel={panel} type={type} onShowType={onShowType} />
      </Tabs.Panel>
    </Tabs>
  )
}

type PanelBodyProps = Pick<PanelsProps, 'bench' | 'panel' | 'type' | 'onShowType'>

function PanelBody({ bench, panel, type, onShowType }: PanelBodyProps) {
  const { run, explaining, complaint, schema, stop } = bench
  const body = answerOf(run)
  switch (panel) {
    case 'operation':
      return <OperationPart bench={bench} onShowType={onShowType} />
    case 'variables':
      return (
        <>
          <FillIn bench={bench} />
          <VariablesPart bench={bench} />
        </>
      )
    case 'explain': {
      const actual = actualCostIn(extensionsIn(body))
      return <ExplanationPanel explaining={explaining} complaint={complaint} actual={actual} />
    }
    case 'response':
      return (
        <>
          {complaint ? (
            <Text size="sm" className="quiet" p="sm" role="status">
              {complaint}
            </Text>
          ) : null}
          <ResponsePanel run={run} onStop={stop} />
        </>
      )
    case 'plan':
      return <PlanView plan={planIn(extensionsIn(body))} hasAnswer={run.kind !== 'idle'} />
    default:
      return <SchemaExplorer state={schema} type={type} onShow={onShowType} />
  }
}

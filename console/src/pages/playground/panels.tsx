import { Tabs, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { extensionsIn } from './answer.ts'
import { actualCostIn } from './explain/explanation.ts'
import { ExplanationPanel } from './explain/explanation-panel.tsx'
import { SchemaExplorer } from './explorer/schema-explorer.tsx'
import { PlanView } from './plan/plan-view.tsx'
import { planIn } from './plan/shown-plan.ts'
import classes from './playground.module.css'
import type { PanelName } from './playground-search.ts'
import { ResponsePanel } from './response-panel.tsx'
import type { Run } from './runs.ts'
import type { Bench } from './use-bench.ts'
import { FillIn, OperationPart, type ShowType, VariablesPart } from './written.tsx'

const answerOf = (run: Run) => (run.kind === 'answered' ? run.answer.body : null)

export type PanelsProps = {
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

/** What is known of the operation, one part at a time. */
export function Panels(props: PanelsProps) {
  const { bench, isNarrow, panel, type, onPanel, onShowType } = props
  const names = (Object.keys(TITLES) as PanelName[]).filter(
    (name) => isNarrow || (name !== 'operation' && name !== 'variables'),
  )
  const list = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  // What is shown anew begins at its top.
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0
    const name = list.current?.querySelector('[data-active]')
    name?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  }, [panel, type, isNarrow])
  return (
    <Tabs
      value={panel}
      onChange={(name) => onPanel((name as PanelName | null) ?? 'explain')}
      keepMounted={false}
      className={classes.right ?? ''}
    >
      <Tabs.List ref={list} className={classes.tabList ?? ''}>
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

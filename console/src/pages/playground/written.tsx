import { Button } from '@mantine/core'
import { VariablesEditor } from './editor/json-editors.tsx'
import { OperationEditor } from './editor/operation-editor.tsx'
import classes from './playground.module.css'
import { editTab } from './tabs.ts'
import type { Bench } from './use-bench.ts'

/** Shows a type in the explorer; null: where one begins. */
export type ShowType = (name: string | null) => void

/** The operation of the tab in front. */
export function OperationPart({ bench, onShowType }: { bench: Bench; onShowType: ShowType }) {
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

/** Its variables. */
export function VariablesPart({ bench: { tab, runNow } }: { bench: Bench }) {
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
export function FillIn({ bench: { tab, question, missing } }: { bench: Bench }) {
  const count = Object.keys(missing).length
  if (count === 0 || !question) return null
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

/** Both, one above the other. */
export function Written({ bench, onShowType }: { bench: Bench; onShowType: ShowType }) {
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

import type { GraphQLSchema } from 'graphql'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from '../../store.ts'
import type { Question } from './ask.ts'
import type { Copied } from './copy/snippets.ts'
import { type Credential, isSendable } from './credential.ts'
import { useCredential } from './credential-picker.tsx'
import { isDoubtful } from './doubt-dialog.tsx'
import { type ExplainState, useExplanation } from './explain/use-explanation.ts'
import { chosenOperation, misfit, readDocument, readVariables } from './operations-in.ts'
import { createRuns } from './runs.ts'
import { useSchema } from './schema-of.ts'
import { type OperationTab, tabs } from './tabs.ts'
import { missingVariables } from './variables-for.ts'

const HEADERS = { 'x-dbsbm-cost': '1', 'x-dbsbm-query-plan': '1' }

const EMPTY_TAB: OperationTab = { id: '', text: '', variables: '', operationName: null }

function useActiveTab(): OperationTab {
  const { all, activeId } = useStore(tabs)
  return all.find(({ id }) => id === activeId) ?? all[0] ?? EMPTY_TAB
}

/** The operation that is typed, as it would be sent; or why it cannot be. */
function useWritten(
  { text, variables, operationName }: OperationTab,
  schema: GraphQLSchema | null,
) {
  const document = useMemo(() => readDocument(text), [text])
  const values = useMemo(() => readVariables(variables), [variables])
  const unfit = useMemo(
    () => (schema && document.document ? misfit(schema, document.document) : null),
    [schema, document],
  )
  const operation = chosenOperation(document, operationName)
  const question = useMemo<Question | null>(
    () =>
      operation && values.values
        ? { text, variables: values.values, operationName: operation.name }
        : null,
    [text, values, operation],
  )
  const missing = useMemo(
    () =>
      schema && operation && values.values && !unfit
        ? missingVariables(schema, operation.definition, values.values)
        : {},
    [schema, operation, values, unfit],
  )
  const names = Object.keys(missing).map((name) => `$${name}`)
  const lack = names.length > 0 ? `Variables are missing: ${names.join(', ')}.` : null
  const complaint = document.complaint ?? unfit ?? values.complaint ?? lack
  return { document, operation, question, missing, complaint }
}

function complaintOfKey(asker: Credential): string | null {
  if (asker.kind !== 'key' || isSendable(asker.text)) return null
  return asker.text.trim() === ''
    ? 'Paste a key above, or ask as nobody.'
    : 'What stands above is no key: it holds spaces or other signs.'
}

/** All that the workbench knows of the operation in front, and how it runs. */
export function useBench(onRun: () => void) {
  const tab = useActiveTab()
  const asker = useCredential()
  const schema = useSchema(asker)
  const written = useWritten(tab, schema.kind === 'ready' ? schema.schema : null)
  const { operation } = written
  const complaint = complaintOfKey(asker) ?? written.complaint
  const question = complaintOfKey(asker) === null ? written.question : null
  const explaining = useExplanation(complaint === null ? question : null, asker)
  const [runs] = useState(createRuns)
  const run = useStore(runs.storeOf(tab.id))
  const [doubt, setDoubt] = useState<ExplainState | null>(null)
  useEffect(() => () => runs.stopAll(), [runs])
  const start = () => {
    if (!question || !operation) return
    setDoubt(null)
    onRun()
    const isSubscription = operation.kind === 'subscription'
    void runs.start(tab.id, { question, isSubscription, asker, headers: HEADERS })
  }
  const isStarting = useRef(false)
  const runNow = async () => {
    // A key that is pressed twice must not change something twice.
    if (isStarting.current || run.kind === 'asking') return
    if (operation?.kind !== 'mutation') return start()
    isStarting.current = true
    // A change is looked at before it happens, however fast it was typed.
    const explained = await explaining.explainNow()
    isStarting.current = false
    if (isDoubtful(explained)) setDoubt(explained)
    else start()
  }
  const copied: Copied | null =
    operation && question
      ? {
          text: tab.text,
          operation,
          variables: question.variables,
          isSigned: asker.kind !== 'nobody',
        }
      : null
  return {
    ...{ tab, ...written, question, complaint, schema, explaining, runs, run, copied },
    ...{ doubt, start, runNow, stop: () => runs.stop(tab.id), clearDoubt: () => setDoubt(null) },
  }
}

export type Bench = ReturnType<typeof useBench>

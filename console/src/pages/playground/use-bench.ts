import type { GraphQLSchema } from 'graphql'
import { useEffect, useMemo, useState } from 'react'
import { useStore } from '../../store.ts'
import type { Question } from './ask.ts'
import type { Copied } from './copy/snippets.ts'
import { type Credential, isSendable } from './credential.ts'
import { useCredential } from './credential-picker.tsx'
import { isDoubtful } from './doubt-dialog.tsx'
import type { Look } from './explain/explanation.ts'
import { type Explaining, useExplanation } from './explain/use-explanation.ts'
import {
  chosenOperation,
  misfit,
  readDocument,
  readVariables,
  type WrittenOperation,
} from './operations-in.ts'
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

/** How the operation in front runs, and what stands against it. */
function useRunning({ tab, operation, question, asker, explaining }: Runnable, onRun: () => void) {
  const [runs] = useState(createRuns)
  const run = useStore(runs.storeOf(tab.id))
  const [doubt, setDoubt] = useState<Look | null>(null)
  const { all } = useStore(tabs)
  useEffect(() => runs.keepOnly(all.map(({ id }) => id)), [runs, all])
  useEffect(() => () => runs.stopAll(), [runs])
  const start = (mayGoOn: (look: Look) => boolean) => {
    // A key that is pressed twice must not change something twice.
    if (!question || !operation || runs.storeOf(tab.id).get().kind === 'asking') return
    setDoubt(null)
    onRun()
    void runs.start(tab.id, { question, kind: operation.kind, asker, headers: HEADERS, mayGoOn })
  }
  const runNow = () =>
    start((look) => {
      explaining.tell(look)
      if (isDoubtful(look)) setDoubt(look)
      return !isDoubtful(look)
    })
  const runAnyway = () => start(() => true)
  const stop = () => runs.stop(tab.id)
  return { run, doubt, runNow, runAnyway, stop, clearDoubt: () => setDoubt(null) }
}

type Runnable = {
  tab: OperationTab
  operation: WrittenOperation | null
  question: Question | null
  asker: Credential
  explaining: Explaining
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
  const explaining = useExplanation({
    question: complaint === null ? question : null,
    asker,
    isChange: operation?.kind === 'mutation',
  })
  const running = useRunning({ tab, operation, question, asker, explaining }, onRun)
  const copied: Copied | null =
    operation && question
      ? {
          text: tab.text,
          operation,
          variables: question.variables,
          isSigned: asker.kind !== 'nobody',
        }
      : null
  return { tab, ...written, ...running, question, complaint, schema, explaining, copied }
}

export type Bench = ReturnType<typeof useBench>

import { linter } from '@codemirror/lint'
import { Prec } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { getSchema, graphql, updateSchema } from 'cm6-graphql'
import { basicSetup } from 'codemirror'
import { GraphQLError, type GraphQLSchema, parse } from 'graphql'
import { useEffect, useMemo, useRef, useState } from 'react'
import { CodeEditor } from './code-editor.tsx'
import { hoverDocs } from './hover-docs.ts'

export type OperationEditorProps = {
  text: string
  onChange: (text: string) => void
  onRun: () => void
  /** Null: there is no completion. */
  schema: GraphQLSchema | null
  /** Somebody wants to see a type: by pointing at a field with Ctrl or Cmd. */
  onShowType: (name: string) => void
  className?: string | undefined
}

/** Without a schema at least the syntax is looked at. */
const syntaxLint = linter(({ state }) => {
  if (getSchema(state) || state.doc.toString().trim() === '') return []
  try {
    parse(state.doc.toString())
    return []
  } catch (failure) {
    if (!(failure instanceof GraphQLError)) throw failure
    const from = Math.min(failure.positions?.[0] ?? 0, state.doc.length)
    const to = Math.min(from + 1, state.doc.length)
    return [{ from, to, severity: 'error', message: failure.message }]
  }
})

type Latest = Pick<OperationEditorProps, 'onRun' | 'onShowType'>

const extensionsFor = (latest: { current: Latest }) => [
  Prec.highest(
    keymap.of([
      {
        key: 'Mod-Enter',
        run() {
          latest.current.onRun()
          return true
        },
      },
    ]),
  ),
  basicSetup,
  graphql(undefined, {
    onShowInDocs: (_field, type, parentType) => {
      const name = (parentType ?? type)?.replace(/[[\]!]/g, '')
      if (name) latest.current.onShowType(name)
    },
  }),
  syntaxLint,
  hoverDocs,
]

/** Writes an operation, with what the schema knows at hand. */
export function OperationEditor(props: OperationEditorProps) {
  const { text, onChange, schema, className } = props
  const latest = useRef<Latest>(props)
  latest.current = props
  const [view, setView] = useState<EditorView | null>(null)
  const extensions = useMemo(() => extensionsFor(latest), [])
  useEffect(() => {
    if (view) updateSchema(view, schema ?? undefined)
  }, [view, schema])
  return (
    <CodeEditor
      label="Operation"
      text={text}
      onChange={onChange}
      extensions={extensions}
      onView={setView}
      className={className}
    />
  )
}

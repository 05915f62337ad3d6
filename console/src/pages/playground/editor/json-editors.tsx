import { json, jsonParseLinter } from '@codemirror/lang-json'
import { bracketMatching, codeFolding, foldGutter, foldKeymap } from '@codemirror/language'
import { linter } from '@codemirror/lint'
import { Prec } from '@codemirror/state'
import { drawSelection, type EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { useMemo, useRef } from 'react'
import { CodeEditor } from './code-editor.tsx'

const lintJson = jsonParseLinter()

/** Nothing at all is as good as an empty object. */
const lintUnlessEmpty = linter((view: EditorView) =>
  view.state.doc.toString().trim() === '' ? [] : lintJson(view),
)

export type VariablesEditorProps = {
  text: string
  onChange: (text: string) => void
  onRun: () => void
  className?: string | undefined
}

/** Writes variables. */
export function VariablesEditor(props: VariablesEditorProps) {
  const { text, onChange, className } = props
  const latest = useRef(props)
  latest.current = props
  const extensions = useMemo(() => {
    const run = () => {
      latest.current.onRun()
      return true
    }
    const keys = Prec.highest(keymap.of([{ key: 'Mod-Enter', run }]))
    return [keys, basicSetup, json(), lintUnlessEmpty]
  }, [])
  return (
    <CodeEditor
      label="Variables"
      text={text}
      onChange={onChange}
      extensions={extensions}
      className={className}
    />
  )
}

const READING = [
  json(),
  drawSelection(),
  bracketMatching(),
  codeFolding(),
  foldGutter(),
  keymap.of(foldKeymap),
]

/** Shows an answer; it can be read, folded and copied. */
export function JsonViewer({
  label,
  text,
  className,
}: {
  label: string
  text: string
  className?: string | undefined
}) {
  return <CodeEditor label={label} text={text} extensions={READING} className={className} />
}

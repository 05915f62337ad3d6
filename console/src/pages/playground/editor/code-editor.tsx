import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { gatewayFacts } from '../../../gateway-facts.ts'
import { editorTheme } from './editor-theme.ts'
import { typedOver } from './typed-over.ts'

export type CodeEditorProps = {
  /** What is edited, for whoever does not see it. */
  label: string
  text: string
  /** Absent: it is only read. */
  onChange?: (text: string) => void
  /** The same from one drawing to the next: an editor keeps those that it was made with. */
  extensions: Extension
  /** Called with the editor when it is there, and with null when it is gone. */
  onView?: (view: EditorView | null) => void
  className?: string | undefined
}

const MADE_OUTSIDE = 'made-outside'

type Latest = Pick<CodeEditorProps, 'onChange'>

function stateOf(
  props: CodeEditorProps,
  latest: { current: Latest },
  dark: Extension,
): EditorState {
  const { label, text, onChange, extensions } = props
  const isReadOnly = onChange === undefined
  return EditorState.create({
    doc: text,
    extensions: [
      EditorView.cspNonce.of(gatewayFacts.nonce),
      dark,
      editorTheme,
      EditorView.lineWrapping,
      typedOver,
      EditorState.readOnly.of(isReadOnly),
      EditorView.contentAttributes.of({
        'aria-label': label,
        tabindex: '0',
        ...(isReadOnly ? { 'aria-readonly': 'true' } : {}),
      }),
      EditorView.updateListener.of(({ docChanged, transactions, state }) => {
        const isOurs = transactions.some((change) => change.isUserEvent(MADE_OUTSIDE))
        if (docChanged && !isOurs) latest.current.onChange?.(state.doc.toString())
      }),
      extensions,
    ],
  })
}

/** CodeMirror as a component. Tab leaves it, as it leaves any other field. */
export function CodeEditor(props: CodeEditorProps) {
  const { text, onView, className } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef<Latest>(props)
  latest.current = props
  const isDark = useComputedColorScheme() === 'dark'
  const theme = useRef(new Compartment())
  useEffect(() => {
    if (!place.current) return undefined
    const dark = theme.current.of(EditorView.darkTheme.of(isDark))
    const made = new EditorView({ state: stateOf(props, latest, dark), parent: place.current })
    view.current = made
    onView?.(made)
    return () => {
      onView?.(null)
      view.current = null
      made.destroy()
    }
  }, [])
  useEffect(() => {
    const dark = EditorView.darkTheme.of(isDark)
    view.current?.dispatch({ effects: theme.current.reconfigure(dark) })
  }, [isDark])
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === text) return
    const changes = { from: 0, to: editor.state.doc.length, insert: text }
    editor.dispatch({ changes, userEvent: MADE_OUTSIDE })
  }, [text])
  return <div ref={place} className={className} />
}

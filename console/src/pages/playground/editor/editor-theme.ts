import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const MONO = 'var(--mantine-font-family-monospace)'

/** Colours stand in `playground.module.css`, for light and dark: one theme is right in both. */
const LOOK = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--card)', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  // Above the gutters, which stand on a layer of their own.
  '&.cm-focused::after': {
    content: '""',
    position: 'absolute',
    inset: '0',
    zIndex: '250',
    border: '2px solid var(--mantine-color-teal-5)',
    pointerEvents: 'none',
  },
  '.cm-scroller': { fontFamily: MONO, fontSize: '13px', lineHeight: '20px' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--card)',
    color: 'var(--quiet)',
    border: 'none',
    paddingInlineStart: '4px',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--code-line)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { backgroundColor: 'var(--code-selection)' },
  '.cm-cursor': { borderInlineStartColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--code-selection)' },
  '.cm-tooltip': {
    border: '1px solid var(--edge)',
    borderRadius: '8px',
    backgroundColor: 'var(--card)',
    color: 'var(--mantine-color-text)',
    overflow: 'hidden',
    maxWidth: 'min(480px, 90vw)',
    zIndex: '300',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: MONO,
    fontSize: '13px',
    maxHeight: '240px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--mantine-color-teal-7)',
    color: '#fff',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal', marginInlineStart: '16px' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px', fontSize: '13px' },
  '.cm-doc': { padding: '8px', fontSize: '13px', lineHeight: '20px' },
  '.cm-doc code': { fontFamily: MONO, display: 'block' },
  '.cm-diagnostic': { padding: '8px', fontSize: '13px' },
  '.cm-panels': { backgroundColor: 'var(--card)', color: 'var(--mantine-color-text)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'transparent',
    border: '1px solid var(--edge)',
    color: 'var(--quiet)',
  },
})

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.propertyName, tags.attributeName], color: 'var(--code-name)' },
  { tag: [tags.typeName, tags.className, tags.atom], color: 'var(--code-type)' },
  { tag: tags.string, color: 'var(--code-string)' },
  {
    tag: [tags.number, tags.integer, tags.float, tags.bool, tags.null],
    color: 'var(--code-number)',
  },
  { tag: [tags.variableName, tags.special(tags.name)], color: 'var(--code-variable)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--quiet)', fontStyle: 'italic' },
])

/** How every editor looks. */
export const editorTheme: Extension = [LOOK, syntaxHighlighting(COLOURS)]

import { EditorView } from '@codemirror/view'

/**
 * What is typed over a selection is put in by the editor and not by the browser, which would give it the
 * look of what it takes the place of: an inline style, which the page's policy stops and tells of.
 */
export const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event
    const { state } = view
    const { from, to, empty } = state.selection.main
    const isPlain = inputType === 'insertText' && data !== null && !event.isComposing
    if (empty || !isPlain || state.readOnly || view.composing) return false
    event.preventDefault()
    const insert = () => state.update(state.replaceSelection(data), { userEvent: 'input.type' })
    // Others come first, as ever: brackets close around what is selected.
    const handlers = state.facet(EditorView.inputHandler)
    const isHandled = handlers.some((handle) => handle(view, from, to, data, insert))
    if (!isHandled) view.dispatch(insert())
    return true
  },
})

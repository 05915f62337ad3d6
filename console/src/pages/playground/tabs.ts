import { createStore } from '../../store.ts'
import { EXAMPLES, type Example, FIRST_EXAMPLE } from './examples.ts'
import { keepTabs, keptTabs, timesForgotten } from './kept-tabs.ts'
import { variablesWithoutSecrets, withoutSecrets } from './without-secrets.ts'

/** One operation that is being worked on. */
export type OperationTab = {
  id: string
  text: string
  variables: string
  /** Which operation of the text runs, where there are several. */
  operationName: string | null
}

export type Tabs = { all: readonly OperationTab[]; activeId: string }

const MOST_TABS = 20
const LONGEST = 100_000
const WRITE_AFTER_MS = 400

const newTab = (text: string, variables = ''): OperationTab => ({
  id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
  text,
  variables,
  operationName: null,
})

const textIn = (value: unknown) => (typeof value === 'string' ? value.slice(0, LONGEST) : '')

function openedAgain(kept: readonly unknown[]): OperationTab[] {
  return kept.slice(0, MOST_TABS).map((tab) => {
    const { text, variables } = Object(tab) as Record<string, unknown>
    return newTab(textIn(text), textIn(variables))
  })
}

function firstTabs(found: readonly unknown[]): Tabs {
  const kept = openedAgain(found)
  const first = EXAMPLES.find(({ name }) => name === FIRST_EXAMPLE)
  const all = kept.length > 0 ? kept : [newTab(first?.text ?? '{\n  __typename\n}\n')]
  return { all, activeId: all[0]?.id ?? '' }
}

/** All operations that are open. Operations and variables are kept in this browser, secrets never. */
export const tabs = createStore<Tabs>(firstTabs(keptTabs()))

let timer: ReturnType<typeof setTimeout> | undefined

function keep(): void {
  const all = tabs.get().all.map(({ text, variables }) => ({
    text: text.slice(0, LONGEST),
    variables: variables.slice(0, LONGEST),
  }))
  keepTabs(
    all.map(({ text, variables }) => ({
      text: withoutSecrets(text),
      variables: variablesWithoutSecrets(text, variables),
    })),
  )
}

// What one person typed is nothing for the next.
timesForgotten.listen(() => tabs.set(firstTabs([])))

tabs.listen(() => {
  clearTimeout(timer)
  timer = setTimeout(keep, WRITE_AFTER_MS)
})

export function chooseTab(id: string): void {
  tabs.set({ ...tabs.get(), activeId: id })
}

/** The oldest gives way where there are too many. */
export function addTab(text = '', variables = ''): void {
  const tab = newTab(text, variables)
  tabs.set({ all: [...tabs.get().all, tab].slice(-MOST_TABS), activeId: tab.id })
}

export function closeTab(id: string): void {
  const { all, activeId } = tabs.get()
  const index = all.findIndex((tab) => tab.id === id)
  const left = all.filter((tab) => tab.id !== id)
  const next = left.length > 0 ? left : [newTab('')]
  const neighbour = next[Math.min(index, next.length - 1)]
  tabs.set({ all: next, activeId: activeId === id ? (neighbour?.id ?? '') : activeId })
}

export function editTab(id: string, change: Partial<Omit<OperationTab, 'id'>>): void {
  const { all, activeId } = tabs.get()
  tabs.set({ activeId, all: all.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) })
}

/** Opens an example: the tab that holds it already, or a new one. */
export function openExample({ text }: Example): void {
  const { all, activeId } = tabs.get()
  const open = all.find((tab) => tab.text === text)
  const active = all.find((tab) => tab.id === activeId)
  if (open) chooseTab(open.id)
  else if (active && active.text.trim() === '') editTab(active.id, { text, variables: '' })
  else addTab(text)
}

import type { SelectionSetNode } from 'graphql'

/** Selection sets that answer together under one response key. */
export type Selections = readonly Selection[]

/** `isRemoved`: all that stands in it was refused, whatever the data says. */
export type Selection = { set: SelectionSetNode; isRemoved: boolean }

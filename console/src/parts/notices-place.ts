import type { ComponentType } from 'react'
import { createStore } from '../store.ts'

/** What shows notices, once a page that tells some has been loaded: the others do without. */
export const noticesPlace = createStore<ComponentType | null>(null)

import { LRUCache } from 'lru-cache'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { AskedOperation } from '../access/enforcer.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'

/** An operation as it was asked, by somebody who stands for all with equal rights. */
export type HotOperation = { asked: AskedOperation; viewer: Viewer; uses: number }

/** How often each operation of one supergraph was asked, by rights. */
export type HotOperations = {
  note: (filtered: FilteredOperation, use: HotOperation) => void
  /** Those asked most, the most asked first. */
  hottest: (most: number) => HotOperation[]
}

const DEFAULT_CAPACITY = 2000

/** Remembers the operations that were asked last; it lives as long as its supergraph. */
export function createHotOperations(max = DEFAULT_CAPACITY): HotOperations {
  const known = new LRUCache<FilteredOperation, HotOperation>({ max })
  return {
    note: (filtered, use) => {
      const hot = known.get(filtered)
      if (hot) hot.uses += use.uses
      else known.set(filtered, { ...use })
    },
    hottest: (most) =>
      [...known.values()].toSorted((left, right) => right.uses - left.uses).slice(0, most),
  }
}
